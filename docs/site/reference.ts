/** The pages of the reference, written from the docstrings into docs/reference, which is no part of the sources. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { nameOfStep } from '../../tools/stepNumbers';
import { addressOf, anchorOf, classOf, PAGES, prose, type ApiName, type PageName } from './api';
import { escape } from './escape';
import type { ProjectBook } from './project';

const ABOUT: Readonly<Record<PageName, { title: string; use: string; words: string }>> = {
  core: { title: 'core', use: "import { Variable, noGrad, expr } from 'dezero'", words: 'The engine: variables, functions, the way back, and the operators.' },
  ndarray: { title: 'ndarray', use: "import { array, zeros, NDArray, nd } from 'dezero'", words: 'Arrays of numbers, without gradients: making them, reading them, and the operations on them, as `nd.sum`.' },
  functions: { title: 'functions', use: "import * as F from 'dezero/functions'", words: 'Functions of variables. Each is a class with `forward` and `backward`, and a function that calls it.' },
  layers: { title: 'layers', use: "import * as L from 'dezero/layers'", words: 'Parts of networks, which own their parameters.' },
  models: { title: 'models', use: "import * as M from 'dezero/models'", words: 'Whole networks, and what trains, saves and explains them.' },
  optimizers: { title: 'optimizers', use: "import * as O from 'dezero/optimizers'", words: 'Rules by which parameters follow their gradients.' },
  data: { title: 'data', use: "import { DataLoader, MNIST } from 'dezero/data'", words: 'Data sets, transforms and batches.' },
  io: { title: 'io', use: "import { readPth, writeSafetensors } from 'dezero/io'", words: 'Files of parameters, and downloads.' },
  utils: { title: 'utils', use: "import { plot, gradientCheck } from 'dezero/utils'", words: 'Drawings, checks and what a program in the terminal needs.' },
}; // prettier-ignore

/** Writes what has changed. */
export function writeReference(book: ProjectBook): void {
  const folder = path.join(book.root, 'docs/reference');
  mkdirSync(folder, { recursive: true });
  const put = (file: string, text: string) => {
    const at = path.join(folder, file);
    if (!existsSync(at) || readFileSync(at, 'utf8') !== text) writeFileSync(at, text);
  };
  const { names } = book;
  for (const page of PAGES) put(`${page}.md`, pageText(page, names.filter((one) => one.page === page), book)); // prettier-ignore
  put('index.md', indexText(names));
}

function pageText(page: PageName, names: readonly ApiName[], book: ProjectBook): string {
  const { title, use, words } = ABOUT[page];
  const files = [...new Set(names.map(({ at }) => at))];
  const sections = files.map((file) => {
    const own = names.filter(({ at }) => at === file);
    const classes = new Map(own.map((one) => [one, classOf(one, own)]));
    const told = new Set(classes.values()); // a function stands for the class that it calls
    const order = [...own].sort((a, b) => Number(a.kind === 'type') - Number(b.kind === 'type'));
    const entries = order.filter((one) => !told.has(one)).map((one) => entry(one, classes.get(one) ?? null, book));
    return `## ${sectionOf(file)} {#file-${anchorOf(sectionOf(file))}}\n\n${entries.join('\n')}`;
  });
  const head = `---\ntitle: dezero/${title}\noutline: [2, 3]\npageClass: reference\neditLink: false\n---\n`;
  return `${head}\n# ${title}\n\n${words}\n\n\`${use}\`\n\n${sections.join('\n')}`;
}

/** A section for each file: `functions/activation.ts` is "activation". */
function sectionOf(file: string): string {
  return path.basename(file, '.ts').replace(/\.(node|browser)$/, '');
}

/** A name, and under it the class that stands behind it. */
function entry(one: ApiName, its: ApiName | null, book: ProjectBook): string {
  const parts = [`### ${one.name} {#${anchorOf(one.name)}}\n`, body(one, book)];
  if (its) parts.push(`<span id="${anchorOf(its.name)}"></span>\n`, body(its, book));
  return parts.join('\n');
}

function body(one: ApiName, book: ProjectBook): string {
  const members = one.members.map((member) => memberEntry(member, one));
  const inside = members.length > 0 ? `\n<div class="members">\n\n${members.join('')}\n</div>\n` : '';
  return `${signature(one.signature)} ${since(one, book)}\n\n${docText(one)}\n${example(one)}${inside}`;
}

function example({ doc }: ApiName, indent = ''): string {
  return doc.example ? `\n\`\`\`ts\n${doc.example}\n\`\`\`\n`.replace(/^(?=.)/gm, indent) : '';
}

function memberEntry(member: ApiName, owner: ApiName): string {
  const later = member.since > owner.since ? ` <span class="since">step ${member.since}</span>` : '';
  const words = [member.doc.first, member.doc.rest].filter(Boolean).join(' ').replace(/\n+/g, ' ');
  const throws = member.doc.throws ? ` Throws ${prose(member.doc.throws)}` : '';
  return (
    `- <span id="${anchorOf(member.name)}"></span>${signature(member.signature)}${later} ${prose(words)}${throws}`.trimEnd() +
    `\n${example(member, '  ')}`
  );
}

function signature(text: string): string {
  return text.split('\n').map((line) => `<code class="signature" v-pre>${asItStands(line)}</code>`).join(' '); // prettier-ignore
}

/** Signs that Markdown would read something into, as numbers. */
function asItStands(line: string): string {
  return escape(line).replace(/[[\]*_`~$\\{}]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function since({ since: step }: ApiName, book: ProjectBook): string {
  const page = `${nameOfStep(step)}.md`;
  return `<span class="since">${book.hasPage(page) ? `[step ${step}](/${page})` : `step ${step}`}</span>`;
}

function docText({ doc }: ApiName): string {
  const throws = doc.throws ? `\n\n<span class="throws">Throws</span> ${prose(doc.throws)}` : '';
  return `${prose([doc.first, doc.rest].filter(Boolean).join(' '))}${throws}`;
}

function indexText(names: readonly ApiName[]): string {
  const rows = PAGES.map((page) => {
    const own = names.filter((one) => one.page === page && one.kind !== 'type' && !/^[A-Z]/.test(one.name)).slice(0, 6);
    const shown = own.map((one) => `[\`${one.name}\`](${addressOf(one)})`).join(' ');
    return `| [${ABOUT[page].title}](./${page}.md) | ${ABOUT[page].words} | ${shown} |`;
  });
  return `---\ntitle: Reference\npageClass: reference\n---\n\n# Reference\n\nEvery public name of the package, from its docstrings. Each says which step introduces it.\n\nThe examples are run by a test: behind \`// →\` stands what \`console.log\` prints. In them \`F\`, \`L\`, \`M\` and \`O\` are the functions, layers, models and optimizers; other names are imported from the entry that has them.\n\n| entry | what is in it | some of it |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}
