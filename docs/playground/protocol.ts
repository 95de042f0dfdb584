/** What a page of the book and the workers of its playground say to each other. */

/** Modules by name, as `step15`: JavaScript in the format of System.register, which may wait for what it imports. */
export type Modules = Readonly<Record<string, string>>;

/** From the page to the program's worker. */
export type ToProgram =
  | { readonly kind: 'start'; readonly modules: Modules; readonly entry: string }
  | { readonly kind: 'answer'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: 'answer'; readonly id: number; readonly error: string };

/** What the program wants of the page, which may do more than the worker: draw an SVG, fetch a file of the package. */
export type Wish =
  | { readonly what: 'png'; readonly svg: string; readonly scale: number; readonly background?: string | undefined }
  | { readonly what: 'asset'; readonly name: string };

/** What a program has done, in the order in which it did it. */
export type Event =
  | { readonly kind: 'line'; readonly text: string; readonly from: 'out' | 'error' | 'note' }
  | { readonly kind: 'file'; readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> };

/** From the program's worker to the page. */
export type FromProgram =
  | { readonly kind: 'running' }
  | { readonly kind: 'events'; readonly events: readonly Event[] }
  | { readonly kind: 'ask'; readonly id: number; readonly wish: Wish }
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly message: string; readonly stack: string }
  | { readonly kind: 'flooded' };

/** The first message to the program's worker: where the playground's files lie; the port on which all others go comes along. */
export interface Hello {
  readonly base: string;
}

/** What is wrong with a program, and where: offsets into its text. */
export interface Finding {
  readonly from: number;
  readonly to: number;
  readonly message: string;
  readonly line: number;
}

/** What the compiler is asked. */
export type Question =
  | { readonly kind: 'check'; readonly name: string; readonly text: string }
  | { readonly kind: 'compile'; readonly name: string; readonly text: string }
  | { readonly kind: 'hover'; readonly name: string; readonly text: string; readonly at: number }
  | { readonly kind: 'complete'; readonly name: string; readonly text: string; readonly at: number };

export interface Compiled {
  readonly modules: Modules;
  /** Source maps by module, to find the line of an error. */
  readonly maps: Modules;
  /** Mistakes in the syntax: with them nothing can run. */
  readonly broken: readonly Finding[];
}

export interface Hint {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export interface Completions {
  readonly from: number;
  readonly options: readonly { readonly label: string; readonly type: string }[];
}

/** What it answers, by the kind of the question. */
export interface Answers {
  readonly check: readonly Finding[];
  readonly compile: Compiled;
  readonly hover: Hint | null;
  readonly complete: Completions | null;
}

/** What the compiler needs of the package and of TypeScript, in types.json. */
export interface TypeFiles {
  /** Texts by path: /lib/… of TypeScript, /dezero/… of the package, /playground/… of the stand-ins. */
  readonly files: Readonly<Record<string, string>>;
  /** tsconfig.json's compilerOptions, as the compiler reads them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Which file a name like `dezero/functions` or `#files` means. */
  readonly paths: Readonly<Record<string, string>>;
}
