/** A worker that checks and compiles programs. TypeScript itself, its own types and the package's are fetched with it. */
import ts from 'typescript';
import type { Answers, Compiled, Finding, Question, TypeFiles } from '../protocol';

const base = new URL('.', globalThis.location.href).href;
const texts = new Map<string, string>(); // by path; also of the program and of the steps that it imports
const versions = new Map<string, number>();
let service: Promise<ts.LanguageService> | null = null;

const pathOf = (name: string): string => `/steps/${name}.ts`;

async function fetched(name: string): Promise<Response> {
  const response = await fetch(base + name);
  if (!response.ok) throw new Error(`${name} cannot be fetched: the server answers ${response.status}`);
  return response;
}

/** Puts a text in its place. */
function put(file: string, text: string): void {
  if (texts.get(file) === text) return;
  texts.set(file, text);
  versions.set(file, (versions.get(file) ?? 0) + 1);
}

async function open(): Promise<ts.LanguageService> {
  const { files, options, paths } = (await (await fetched('types.json')).json()) as TypeFiles;
  for (const [file, text] of Object.entries(files)) put(file, text);
  const target = (specifier: string, from: string): string | null => {
    if (!specifier.startsWith('.')) return paths[specifier] ?? null;
    const at = new URL(specifier, `file://${from}`).pathname;
    return [`${at}.d.ts`, `${at}/index.d.ts`, `${at}.ts`].find((file) => texts.has(file)) ?? null;
  };
  const compilerOptions = options as ts.CompilerOptions;
  return ts.createLanguageService({
    getCompilationSettings: () => compilerOptions,
    getScriptFileNames: () => [...texts.keys()].filter((file) => /^\/(steps|playground)\//.test(file)),
    getScriptVersion: (file) => String(versions.get(file) ?? 0),
    getScriptSnapshot: (file) => (texts.has(file) ? ts.ScriptSnapshot.fromString(texts.get(file) ?? '') : undefined),
    getCurrentDirectory: () => '/',
    getDefaultLibFileName: () => '/lib/lib.d.ts',
    fileExists: (file) => texts.has(file),
    readFile: (file) => texts.get(file),
    resolveModuleNameLiterals: (literals, from) =>
      literals.map(({ text }) => {
        const resolvedFileName = target(text, from);
        if (resolvedFileName === null) return { resolvedModule: undefined };
        return {
          resolvedModule: { resolvedFileName, extension: resolvedFileName.endsWith('.d.ts') ? '.d.ts' : '.ts' },
        };
      }),
  });
}

/** The steps that a program imports, and those that they import, put in their places. */
async function fetchSteps(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const { fileName } of ts.preProcessFile(text, true, true).importedFiles) {
    const [, name] = /^\.\/(step\d\d)$/.exec(fileName) ?? [];
    if (name === undefined) continue;
    if (!texts.has(pathOf(name))) put(pathOf(name), await (await fetched(`steps/${name}.txt`)).text());
    found.push(name, ...(await fetchSteps(texts.get(pathOf(name)) ?? '')));
  }
  return [...new Set(found)];
}

/** The compiler, with a program in its place. */
async function about(name: string, text: string): Promise<{ service: ts.LanguageService; file: string }> {
  const opened = await (service ??= open());
  await fetchSteps(text);
  put(pathOf(name), text);
  return { service: opened, file: pathOf(name) };
}

function findingOf({ start = 0, length = 0, messageText, file }: ts.Diagnostic): Finding {
  const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 1;
  return { from: start, to: start + length, message: ts.flattenDiagnosticMessageText(messageText, '\n'), line };
}

async function check(name: string, text: string): Promise<Finding[]> {
  const { service, file } = await about(name, text);
  return [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)].map(findingOf);
}

/** `void main()` at the top level: a promise that nobody waits for. The worker does, so that it knows when the program has ended. */
function waitForVoids(context: ts.TransformationContext): ts.Transformer<ts.SourceFile> {
  const { factory } = context;
  const visit = (node: ts.Node): ts.Node => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return node;
    if (!ts.isVoidExpression(node)) return ts.visitEachChild(node, visit, context);
    const wait = factory.createPropertyAccessExpression(factory.createIdentifier('module'), 'wait');
    return factory.createCallExpression(wait, undefined, [node.expression]);
  };
  return (file) => ts.visitEachChild(file, visit, context);
}

async function compile(name: string, text: string): Promise<Compiled> {
  const { target, esModuleInterop, useDefineForClassFields, moduleDetection } = await settings();
  const steps = (await fetchSteps(text)).filter((one) => one !== name);
  const modules: Record<string, string> = {};
  const maps: Record<string, string> = {};
  let broken: Finding[] = [];
  for (const one of [name, ...steps]) {
    const { outputText, sourceMapText, diagnostics } = ts.transpileModule(one === name ? text : (texts.get(pathOf(one)) ?? ''), {
      compilerOptions: { target, esModuleInterop, useDefineForClassFields, moduleDetection, module: ts.ModuleKind.System, sourceMap: true },
      fileName: `${one}.ts`,
      reportDiagnostics: true,
      transformers: one === name ? { before: [waitForVoids] } : {},
    }); // prettier-ignore
    modules[one] = outputText.replace(/^\/\/# sourceMappingURL=.*$/m, '');
    maps[one] = sourceMapText ?? '';
    if (one === name) broken = (diagnostics ?? []).filter(({ file }) => file).map(findingOf);
  }
  return { modules, maps, broken };
}

async function settings(): Promise<ts.CompilerOptions> {
  return (await (service ??= open())).getProgram()?.getCompilerOptions() ?? {};
}

async function hover(name: string, text: string, at: number): Promise<Answers['hover']> {
  const { service, file } = await about(name, text);
  const info = service.getQuickInfoAtPosition(file, at);
  if (!info) return null;
  const words = [ts.displayPartsToString(info.displayParts), ts.displayPartsToString(info.documentation)];
  const { start, length } = info.textSpan;
  return { from: start, to: start + length, text: words.filter(Boolean).join('\n\n') };
}

async function complete(name: string, text: string, at: number): Promise<Answers['complete']> {
  const { service, file } = await about(name, text);
  const found = service.getCompletionsAtPosition(file, at, { includeCompletionsForModuleExports: false });
  if (!found) return null;
  const before = /[\w$]*$/.exec(text.slice(0, at))?.[0] ?? '';
  const options = found.entries
    .slice(0, 1000)
    .map((entry) => ({ label: entry.name, type: KINDS[entry.kind] ?? 'text' }));
  return { from: at - before.length, options };
}

const KINDS: Readonly<Record<string, string>> = {
  class: 'class', const: 'constant', function: 'function', interface: 'interface', keyword: 'keyword', let: 'variable', method: 'method',
  parameter: 'variable', property: 'property', type: 'type', var: 'variable',
}; // prettier-ignore

function answer(question: Question): Promise<Answers[Question['kind']]> {
  const { name, text } = question;
  switch (question.kind) {
    case 'check':
      return check(name, text);
    case 'compile':
      return compile(name, text);
    case 'hover':
      return hover(name, text, question.at);
    case 'complete':
      return complete(name, text, question.at);
  }
}

// One after the other, as they were asked.
let before: Promise<unknown> = Promise.resolve();
globalThis.addEventListener('message', ({ data: { id, question } }: MessageEvent<{ id: number; question: Question }>) => {
  const give = (message: object) => (globalThis as unknown as MessagePort).postMessage({ id, ...message });
  before = before.then(() => answer(question)).then(
    (value) => give({ value }),
    (error: unknown) => give({ error: error instanceof Error ? error.message : String(error) }),
  );
}); // prettier-ignore
