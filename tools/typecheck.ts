/** TypeScript programs over the project with a cut in the package's place. Files that two programs share are parsed once. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import ts from 'typescript';
import type { Sources } from './sources';

/** Folders whose arrays are indexed without a check, as dezero/backends/tsconfig.json has it. */
const INDEXED = ['backends/', 'ndarray/'];

/** Makes programs for one project folder. */
export class Typechecker {
  private readonly parsed = new Map<string, ts.SourceFile>();
  private readonly options: ts.CompilerOptions;
  private last: ts.Program | undefined;

  constructor(private readonly root: string) {
    const file = path.join(root, 'tsconfig.json');
    const { config } = ts.readConfigFile(file, (at) => ts.sys.readFile(at)) as { config: unknown };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root, { noEmit: true, incremental: false });
    const { tsBuildInfoFile: _, ...rest } = options;
    this.options = rest;
  }

  /** A program over `sources`, standing where the package does, and over further files, by their path from the root. */
  program(sources: Sources, files: readonly string[], noUncheckedIndexedAccess = true): ts.Program {
    const options = { ...this.options, noUncheckedIndexedAccess };
    const rootNames = [...[...sources.keys()].map((at) => `dezero/${at}`), ...files];
    const host = this.host(sources, options);
    this.last = ts.createProgram({
      rootNames: rootNames.map((at) => path.join(this.root, at)),
      options,
      host,
      ...(this.last && { oldProgram: this.last }),
    });
    return this.last;
  }

  /** What the compiler says against a package and further files, a line each; nothing if all is well. */
  check(sources: Sources, files: readonly string[]): { errors: string[]; program: ts.Program } {
    const inner = new Map([...sources].filter(([at]) => INDEXED.some((folder) => at.startsWith(folder))));
    const loose = this.errors(this.program(inner, [], false), () => true);
    const program = this.program(sources, files);
    const strict = this.errors(program, (at) => !INDEXED.some((folder) => at.startsWith(`dezero/${folder}`)));
    return { errors: [...loose, ...strict], program };
  }

  private errors(program: ts.Program, wanted: (at: string) => boolean): string[] {
    const at = (file: ts.SourceFile) => path.relative(this.root, file.fileName).split(path.sep).join('/');
    const files = program.getSourceFiles().filter((file) => !file.isDeclarationFile && wanted(at(file)));
    const found = files.flatMap((one) => [...program.getSyntacticDiagnostics(one), ...program.getSemanticDiagnostics(one)]); // prettier-ignore
    return [...program.getOptionsDiagnostics(), ...found].map(({ file, start = 0, messageText }) => {
      const place = file ? `${at(file)}:${file.getLineAndCharacterOfPosition(start).line + 1}: ` : '';
      return place + ts.flattenDiagnosticMessageText(messageText, '\n  ');
    });
  }

  private host(sources: Sources, options: ts.CompilerOptions): ts.CompilerHost {
    const host = ts.createCompilerHost(options, true);
    const inPackage = (file: string) => {
      const at = path.relative(path.join(this.root, 'dezero'), file).split(path.sep).join('/');
      return at.startsWith('..') || at.startsWith('backends/cpu/assembly') || !at.endsWith('.ts') ? null : at;
    };
    const readFile = (file: string) => {
      const at = inPackage(file);
      return at === null ? ts.sys.readFile(file) : sources.get(at);
    };
    return {
      ...host,
      readFile,
      fileExists: (file) => {
        const at = inPackage(file);
        return at === null ? ts.sys.fileExists(file) : sources.has(at);
      },
      getSourceFile: (file, languageVersion) => {
        const text = readFile(file);
        if (text === undefined) return undefined;
        const format = typeof languageVersion === 'object' ? String(languageVersion.impliedNodeFormat) : '';
        const key = `${file} ${format} ${createHash('sha256').update(text).digest('hex')}`;
        let source = this.parsed.get(key);
        if (!source) this.parsed.set(key, (source = ts.createSourceFile(file, text, languageVersion, true)));
        return source;
      },
    };
  }
}
