import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import type * as Site from '../site/vitepress.js';

// The plugins are TypeScript of this project, and ts-node, which docs/book.ts starts VitePress with, reads them.
const { asMembers, bookOf, loadDrawings, lessons, sidebar, isAwaited } = createRequire(import.meta.url)('../site/vitepress.ts') as typeof Site; // prettier-ignore

const root = path.resolve(fileURLToPath(new URL('../..', import.meta.url)));
const lenient = process.env['DOCS_LENIENT'] !== undefined; // while one writes
const book = bookOf(root, { lenient });
const drawings = loadDrawings(root);

const base = process.env['DOCS_BASE'] ?? '/';

export default defineConfig({
  title: 'DeZero',
  titleTemplate: ':title · DeZero in TypeScript',
  description: 'Deep learning from zero: 53 short programs, and the framework that they grow into.',
  lang: 'en',
  base,
  cacheDir: '../.cache/vitepress',
  lastUpdated: false,
  router: { prefetchLinks: false }, // half of what a lesson would weigh: pages that nobody may open
  head: [
    ['meta', { name: 'color-scheme', content: 'light dark' }],
    ['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}favicon.svg` }],
  ],
  ignoreDeadLinks: [(link) => isAwaited(book, `${link.replace(/^\.?\//, '').replace(/(\.html)?(#.*)?$/, '')}.md`)],
  markdown: {
    codeTransformers: [asMembers],
    theme: { light: 'github-light', dark: 'github-dark-dimmed' },
    // The same class, by the types of markdown-it's other module format
    config: (md) => lessons(md as unknown as Parameters<typeof lessons>[0], { book, drawings, lenient }),
  },
  themeConfig: {
    nav: [
      { text: 'Steps', link: '/step01', activeMatch: '^/step' },
      { text: 'Map', link: '/map' },
      { text: 'Glossary', link: '/glossary' },
      {
        text: 'Play',
        activeMatch: '^/play/',
        items: [
          { text: 'Train in your browser', link: '/play/train' },
          { text: 'Ants or bees?', link: '/play/antsOrBees' },
        ],
      },
      { text: 'Reference', link: '/reference/', activeMatch: '^/reference/' },
    ],
    sidebar: sidebar(book),
    outline: { level: 2, label: 'On this page' },
    search: {
      provider: 'local',
      options: { detailedView: false },
    },
    docFooter: { prev: 'Before', next: 'Next' },
    externalLinkIcon: true,
    notFound: { linkText: 'To the first page', linkLabel: 'To the first page' },
  },
  vite: {
    // One format of KaTeX's fonts is enough for every browser that can show this site
    plugins: [
      {
        name: 'woff2-only',
        enforce: 'pre',
        transform: (code, id) =>
          id.includes('katex') && id.endsWith('.css')
            ? code.replace(/,url\([^)]+\.(?:woff|ttf)\) format\("\w+"\)/g, '')
            : null,
      },
    ],
    build: { chunkSizeWarningLimit: 2000 },
    server: { host: 'localhost' },
  },
});
