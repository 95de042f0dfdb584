/**
 * What running a file depends on, to the declaration: from its statements to all that they name, as the type checker resolves it. Of a
 * class only the members that somebody names are reached, so a method added for a later step leaves the earlier ones as they were.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import ts from 'typescript';
import { callOf, namesOf, shorthandsOf, specifierOf } from './syntax';

/** What a run depends on: texts of the project by place, and packages by name. */
export interface Reached {
  readonly texts: readonly string[];
  readonly packages: ReadonlySet<string>;
  /** True if files of the package that are no code are read. */
  readonly assets: boolean;
}

/** One hash for all that a run depends on. `versionOf` a package includes what it depends on itself; `assets` stands for the files. */
export function keyOf(
  { texts, packages, assets }: Reached,
  versionOf: (name: string) => string,
  files: string,
): string {
  const parts = [process.version, ...[...texts].sort(), ...[...packages].sort().map(versionOf), assets ? files : ''];
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 24);
}

/** Functions that became methods, known by name, by their `register({ … })`. */
export type Registered = ReadonlyMap<string, ts.Symbol>;

export function findRegistered(program: ts.Program): Registered {
  const checker = program.getTypeChecker();
  const all = ownFiles(program)
    .flatMap((file) => file.statements.filter(isRegister))
    .flatMap(shorthandsOf);
  return new Map(all.flatMap((one): [string, ts.Symbol][] => {
    const symbol = checker.getShorthandAssignmentValueSymbol(one);
    return symbol ? [[one.name.text, symbol]] : [];
  })); // prettier-ignore
}

/** Goes through everything that running `file` can reach. */
export function reach(program: ts.Program, file: string, registered = findRegistered(program)): Reached {
  const walk = new Walk(program, registered);
  walk.enter(path.resolve(file));
  return walk.result(program.getCurrentDirectory());
}

const ALWAYS = new Set(['toString', 'toJSON', 'valueOf', 'then']); // JavaScript itself calls these

function ownFiles(program: ts.Program): ts.SourceFile[] {
  return program
    .getSourceFiles()
    .filter((file) => !file.isDeclarationFile && !file.fileName.includes('/node_modules/'));
}

function isRegister(node: ts.Node): boolean {
  return callOf(node)?.expression.getText() === 'register';
}

class Walk {
  private readonly checker: ts.TypeChecker;
  private readonly units = new Set<ts.Node>();
  private readonly files = new Set<ts.SourceFile>();
  private readonly packages = new Set<string>();
  private readonly classes = new Map<ts.ClassDeclaration, ReadonlySet<ts.Symbol>>();
  private readonly members = new Map<string, Set<ts.Symbol>>();
  private readonly queue: ts.Node[] = [];
  private readonly calls = new Map<ts.SourceFile, ts.Node[]>();
  private assets = false;

  constructor(
    private readonly program: ts.Program,
    private readonly registered: Registered,
  ) {
    this.checker = program.getTypeChecker();
    // A call at top level changes what its function looks after: it counts where the function's file does.
    for (const statement of ownFiles(program).flatMap((file) => [...file.statements])) {
      const callee = callOf(statement)?.expression;
      const home = callee && !isRegister(statement) && this.symbolOf(callee)?.declarations?.[0]?.getSourceFile();
      if (home) this.calls.set(home, [...(this.calls.get(home) ?? []), statement]);
    }
  }

  enter(fileName: string): void {
    const file = this.program.getSourceFile(fileName);
    if (!file) throw new Error(`there is no ${fileName}`);
    this.open(file);
    for (const statement of file.statements) if (namesOf(statement).length > 0) this.add(statement);
    for (let node = this.queue.pop(); node; node = this.queue.pop()) this.scan(node);
  }

  result(root: string): Reached {
    const texts = [...this.units].map((unit) => {
      const text = ts.isClassDeclaration(unit) ? unit.getText().slice(0, unit.members.pos - unit.getStart()) : unit.getText();
      return `${path.relative(root, unit.getSourceFile().fileName)}\n${text}`;
    }); // prettier-ignore
    return { texts, packages: this.packages, assets: this.assets };
  }

  /** A file runs: its packages are loaded, and what stands free in it is done. */
  private open(file: ts.SourceFile): void {
    if (this.files.has(file)) return;
    this.files.add(file);
    for (const statement of file.statements) {
      const specifier = specifierOf(statement);
      if (specifier !== null) this.need(specifier);
      else if (namesOf(statement).length === 0 && !ts.isModuleDeclaration(statement) && !isRegister(statement)) this.add(statement); // prettier-ignore
    }
    this.calls.get(file)?.forEach((statement) => this.add(statement));
  }

  private need(specifier: string): void {
    if (/^(\.|#|node:|dezero(\/|$))/.test(specifier)) return;
    this.packages.add(specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')); // prettier-ignore
  }

  private add(unit: ts.Node): void {
    if (this.units.has(unit) || ts.isInterfaceDeclaration(unit) || ts.isTypeAliasDeclaration(unit)) return;
    if (ts.isExportDeclaration(unit) || ts.isImportDeclaration(unit)) return;
    this.units.add(unit);
    this.queue.push(unit);
    this.open(unit.getSourceFile());
  }

  private scan(node: ts.Node): void {
    if (ts.isClassDeclaration(node) && ts.isSourceFile(node.parent)) return this.scanClass(node);
    const visit = (one: ts.Node): void => {
      if (ts.isTypeNode(one) && !ts.isExpressionWithTypeArguments(one)) return;
      if (ts.isIdentifier(one)) this.name(one);
      else if (ts.isTaggedTemplateExpression(one) && one.tag.getText() === 'expr') this.words(one.template.getText());
      else if (ts.isElementAccessExpression(one)) this.pick(one);
      else if (ts.isCallExpression(one)) this.call(one);
      ts.forEachChild(one, visit);
    };
    ts.forEachChild(node, visit);
  }

  /** A class's members wait to be named, but for those that run with it: constructor, fields, and what JavaScript itself calls. */
  private scanClass(node: ts.ClassDeclaration): void {
    for (const clause of node.heritageClauses ?? []) {
      if (clause.token === ts.SyntaxKind.ExtendsKeyword) clause.types.forEach(({ expression }) => this.scanExpression(expression)); // prettier-ignore
    }
    const kin = new Set<ts.Symbol>();
    const outside = this.gatherKin(node, kin);
    this.classes.set(node, kin);
    for (const member of node.members) {
      const runs = !ts.isMethodDeclaration(member) && !ts.isAccessor(member);
      const [name = ''] = namesOf(member);
      const called = [...(this.members.get(name) ?? [])].some((parent) => kin.has(parent));
      if (runs || outside || called || ALWAYS.has(name) || name.startsWith('[')) this.add(member);
    }
  }

  private scanExpression(node: ts.Node): void {
    if (ts.isIdentifier(node)) this.name(node);
    else this.scan(node);
  }

  /** A class, and all that it extends or implements. True if that includes what is not ours. */
  private gatherKin(node: ts.Node, kin: Set<ts.Symbol>): boolean {
    const symbol = (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) && node.name && this.checker.getSymbolAtLocation(node.name); // prettier-ignore
    if (!symbol || kin.has(symbol)) return false;
    kin.add(symbol);
    const bases = symbol.declarations?.flatMap((one) => (ts.isClassDeclaration(one) || ts.isInterfaceDeclaration(one) ? (one.heritageClauses ?? []) : [])) ?? []; // prettier-ignore
    return bases
      .flatMap(({ types }) => types)
      .map(({ expression }) => this.symbolOf(expression)?.declarations ?? [])
      .map((declarations) => declarations.map((one) => this.isOurs(one) && !this.gatherKin(one, kin)).includes(false))
      .includes(true);
  }

  private isOurs(node: ts.Node): boolean {
    const file = node.getSourceFile();
    return !file.isDeclarationFile && !file.fileName.includes('/node_modules/');
  }

  private symbolOf(node: ts.Node): ts.Symbol | undefined {
    const symbol = this.checker.getSymbolAtLocation(node);
    return symbol && symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  private name(node: ts.Identifier): void {
    const { parent } = node;
    if (ts.isShorthandPropertyAssignment(parent)) {
      const value = this.checker.getShorthandAssignmentValueSymbol(parent);
      return this.use(value && value.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(value) : value);
    }
    if (ts.isBindingElement(parent) && ts.isObjectBindingPattern(parent.parent) && parent.initializer !== node) {
      const type = this.checker.getTypeAtLocation(parent.parent);
      return this.use(type.getProperty((parent.propertyName ?? parent.name).getText()));
    }
    const symbol = this.symbolOf(node);
    if (node.text === 'assetPath') this.assets = true;
    if (
      symbol &&
      symbol.flags & ts.SymbolFlags.Module &&
      !(ts.isPropertyAccessExpression(parent) && parent.expression === node)
    ) {
      for (const one of this.checker.getExportsOfModule(symbol)) this.use(one); // a namespace, handed on as a whole
    }
    this.use(symbol);
  }

  private words(text: string): void {
    for (const word of text.match(/[A-Za-z]\w*/g) ?? []) this.use(this.registered.get(word));
  }

  /** `nd[this.end]`: all that the name may be. */
  private pick(node: ts.ElementAccessExpression): void {
    const names = this.checker.getTypeAtLocation(node.argumentExpression);
    const owner = this.checker.getTypeAtLocation(node.expression);
    for (const one of names.isUnion() ? names.types : [names])
      if (one.isStringLiteral()) this.use(owner.getProperty(one.value));
  }

  private call(node: ts.CallExpression): void {
    const [first] = node.arguments;
    if (!first || !ts.isStringLiteral(first)) return;
    if (node.expression.kind === ts.SyntaxKind.ImportKeyword) this.need(first.text);
    if (node.expression.getText() === 'operation') this.words(first.text);
  }

  private use(symbol: ts.Symbol | undefined): void {
    if (symbol && symbol.flags & ts.SymbolFlags.Alias) return this.use(this.checker.getAliasedSymbol(symbol));
    for (const declaration of symbol?.declarations ?? []) {
      if (!this.isOurs(declaration)) continue;
      const { parent } = declaration;
      if (parent && (ts.isClassDeclaration(parent) || ts.isInterfaceDeclaration(parent)))
        this.member(declaration, parent);
      if (ts.isTypeElement(declaration) && !ts.findAncestor(declaration, ts.isModuleDeclaration)) continue; // types do not run
      let unit: ts.Node = declaration;
      while (unit.parent && !ts.isSourceFile(unit.parent) && !(ts.isClassElement(unit) && ts.isClassDeclaration(unit.parent) && ts.isSourceFile(unit.parent.parent))) unit = unit.parent; // prettier-ignore
      if (ts.isModuleDeclaration(unit)) {
        if (symbol) this.use(this.registered.get(symbol.name)); // a method that register() makes
      } else if (!ts.isSourceFile(unit)) {
        if (ts.isClassElement(unit)) this.add(unit.parent);
        this.add(unit);
      }
    }
  }

  /** A member is named: it is reached in every class that has it by kin. */
  private member(node: ts.Declaration, parent: ts.ClassDeclaration | ts.InterfaceDeclaration): void {
    const [name] = namesOf(node);
    const symbol = parent.name && this.checker.getSymbolAtLocation(parent.name);
    const parents = name === undefined ? undefined : (this.members.get(name) ?? new Set());
    if (!symbol || name === undefined || !parents || parents.has(symbol)) return;
    this.members.set(name, parents.add(symbol));
    for (const [one, kin] of this.classes) {
      if (kin.has(symbol))
        one.members.filter((member) => namesOf(member).includes(name)).forEach((member) => this.add(member));
    }
  }
}
