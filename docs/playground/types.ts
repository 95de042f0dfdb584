/** The types that the playground's editor checks against: TypeScript's own library, the package, and the stand-ins for what a page has not. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import type { TypeFiles } from './protocol';

export function typesOf(root: string): TypeFiles {
  const options = settings(root, 'tsconfig.json').options;
  const lib = path.dirname(require.resolve('typescript'));
  const files = new Map(declarations(root));
  const take = (name: string): void => {
    if (files.has(`/lib/${name}`)) return;
    const text = readFileSync(path.join(lib, name), 'utf8');
    files.set(`/lib/${name}`, text);
    for (const [, other] of text.matchAll(/^\/\/\/ <reference lib="([^"]+)"/gm)) take(`lib.${other}.d.ts`);
  };
  options.lib?.forEach(take);
  const standIns = path.join(root, 'docs/playground/types/standIns.d.ts.txt');
  files.set('/playground/standIns.d.ts', readFileSync(standIns, 'utf8'));
  const names = Object.entries(readPaths(root)).flatMap(([name, at]) => namesOf(root, name, at));
  return {
    files: Object.fromEntries(files),
    paths: Object.fromEntries(names.map(([name, at]) => [name, `/${at.replace(/\.ts$/, '.d.ts')}`])),
    options: {
      ...options,
      // A program is a module that may wait at top level, and has no packages but the stand-ins
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      moduleDetection: ts.ModuleDetectionKind.Force,
      ...{ types: [], paths: undefined, tsBuildInfoFile: undefined, configFilePath: undefined },
    },
  };
}

/** What tsconfig.json says names stand for: paths from the root. */
export function readPaths(root: string): Readonly<Record<string, string>> {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), (at) => ts.sys.readFile(at)) as {
    config: { compilerOptions: { paths: Record<string, [string]> } };
  };
  const { paths } = config.compilerOptions;
  return Object.fromEntries(Object.entries(paths).map(([name, [at]]) => [name, at.replace('./', '')]));
}

/** The package's own types, written as `npm run build` does. */
function declarations(root: string): [string, string][] {
  const { fileNames, options } = settings(root, 'tsconfig.build.json');
  const files: [string, string][] = [];
  const kind = { declaration: true, emitDeclarationOnly: true, noEmit: false, incremental: false, tsBuildInfoFile: undefined }; // prettier-ignore
  const program = ts.createProgram(fileNames, { ...options, ...kind, outDir: '/dezero' });
  program.emit(undefined, (file, text) => files.push([file, text]), undefined, true);
  return files.filter(([file]) => file.endsWith('.d.ts'));
}

function settings(root: string, name: string): ts.ParsedCommandLine {
  const refuse = ({ messageText }: ts.Diagnostic): never => {
    throw new Error(`${name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  };
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: refuse };
  const parsed = ts.getParsedCommandLineOfConfigFile(path.join(root, name), {}, host);
  if (!parsed) throw new Error(`${name} cannot be read`);
  return parsed;
}

/** `dezero/*` is a name for each folder that has an index. */
function namesOf(root: string, name: string, at: string): (readonly [string, string])[] {
  if (!name.includes('*')) return [[name, at]];
  const isThere = (folder: string) => existsSync(path.join(root, at.replace('*', folder)));
  const folders = readdirSync(path.join(root, 'dezero')).filter(isThere);
  return folders.map((folder) => [name.replace('*', folder), at.replace('*', folder)] as const);
}
