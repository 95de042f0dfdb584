import { defineComponent, h } from 'vue';
import { inBrowser, type Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import hero from '../../../.cache/docs/hero.svg?raw';
import 'katex/dist/katex.min.css';
import './style.css';
import { AntsOrBees, RunButton } from '../../playground/RunButton.mjs';
import { sayMore } from './accessible.mjs';
import { ReadMark } from './progress.mjs';

/** VitePress fetches what links on the screen lead to, and expects of each a path, which links in an SVG do not have. */
function giveDrawnLinksAPath(): void {
  Object.defineProperty(SVGAElement.prototype, 'pathname', {
    get(this: SVGAElement) {
      return new URL(this.href.animVal, this.baseURI).pathname;
    },
  });
}

export default {
  extends: DefaultTheme,
  Layout: defineComponent(() => {
    sayMore();
    return () =>
      h(DefaultTheme.Layout, null, {
        'home-hero-image': () => h('div', { class: 'hero-graph', 'aria-hidden': 'true', innerHTML: hero }),
        'doc-before': () => h(RunButton, { first: true }),
        'doc-footer-before': () => [h(RunButton), h(AntsOrBees), h(ReadMark)],
      });
  }),
  enhanceApp: () => {
    if (inBrowser) giveDrawnLinksAPath();
  },
} satisfies Theme;
