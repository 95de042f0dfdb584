import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import ts from 'typescript-eslint';
import { since } from './tools/eslintSince.mjs';

// Imports go from the left to the right of this list, never back. Type-only imports do not count.
const layers = [
  ['models'],
  ['optimizers', 'data', 'utils'],
  ['layers'],
  ['functions'],
  ['io'],
  ['core'],
  ['ndarray'],
  ['backends'],
];

const { imports } = JSON.parse(readFileSync(path.join(import.meta.dirname, 'package.json'), 'utf8'));
const namesIn = (layer) => Object.keys(imports).filter((name) => imports[name].default.startsWith(`./dist/${layer}/`));

// What only Node has; files named *.node.ts may use it, and are reached through the `imports` of package.json
const nodeOnly = ['sharp', 'commander', 'cli-progress', 'koffi'];
const nodeGlobals = ['process', 'Buffer', '__dirname', '__filename'];

const outside = {
  regex: '(^|/)(steps|tests|tools|bench|docs)/',
  message: 'The package stands on its own: nothing in dezero/ imports what lies outside.',
};
const portable = [
  {
    regex: `^(node:|(${[...builtinModules, ...nodeOnly].join('|')})(/|$))`,
    allowTypeImports: true,
    message: 'Only files named *.node.ts may import what only Node has; reach them through `imports` in package.json.',
  },
  {
    regex: '\\.(node|browser)$',
    allowTypeImports: true,
    message: 'Import the #name from package.json, so that a browser gets its own twin.',
  },
];

/** The rules on imports of one layer: for its portable files, then for those of Node and of the browser. */
function importRules(layer, rank) {
  const above = layers.slice(0, rank).flat();
  const order = above.length
    ? [
        {
          regex: `^((\\.\\./)+|dezero/)(${above.join('|')})(/|$)|^(${above.flatMap(namesIn).concat('dezero').join('|')})$`,
          allowTypeImports: true,
          message: `Arrows point one way: ${layers.map((names) => names.join(' ')).join(' → ')}.`,
        },
      ]
    : [];
  const restrict = (patterns) => ({ '@typescript-eslint/no-restricted-imports': ['error', { patterns }] });
  return [
    { files: [`dezero/${layer}/**/*.ts`], rules: restrict([outside, ...order, ...portable]) },
    { files: [`dezero/${layer}/**/*.{node,browser}.ts`], rules: restrict([outside, ...order]) },
  ];
}

export default defineConfig(
  {
    ignores: [
      '**/dist/',
      '**/out/',
      '**/.cache/',
      '**/node_modules/',
      'dezero/backends/cpu/assembly/',
      'docs/public/',
      '**/*.generated.ts',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.{ts,mts}'],
    extends: [ts.configs.recommendedTypeChecked, importX.flatConfigs.typescript],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-default-export': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreUsingDeclarations: true },
      ],
      '@typescript-eslint/require-await': 'off', // a contract may ask for a promise where one kind needs none
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowArray: true },
      ],
    },
  },
  { files: ['*.mts', 'docs/.vitepress/**/*.mts'], rules: { 'import-x/no-default-export': 'off' } },
  {
    files: ['dezero/**/*.ts'],
    plugins: { dezero: { rules: { since } } },
    rules: { 'dezero/since': 'error' },
  },
  {
    files: ['dezero/**/*.ts'],
    ignores: ['**/*.node.ts'],
    rules: { 'no-restricted-globals': ['error', ...nodeGlobals] },
  },
  ...layers.flatMap((names, rank) => names.flatMap((layer) => importRules(layer, rank))),
);
