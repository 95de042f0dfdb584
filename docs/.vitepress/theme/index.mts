import { defineComponent, h } from 'vue';
import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import hero from '../../../.cache/docs/hero.svg?raw';
import 'katex/dist/katex.min.css';
import './style.css';
import { PlayPage, RunButton } from '../../playground/RunButton.mjs';
import { sayMore } from './accessible.mjs';
import { ReadMark } from './progress.mjs';

export default {
  extends: DefaultTheme,
  Layout: defineComponent(() => {
    sayMore();
    return () =>
      h(DefaultTheme.Layout, null, {
        'home-hero-image': () => h('div', { class: 'hero-graph', 'aria-hidden': 'true', innerHTML: hero }),
        'doc-before': () => h(RunButton, { first: true }),
        'doc-footer-before': () => [h(RunButton), h(PlayPage), h(ReadMark)],
      });
  }),
} satisfies Theme;
