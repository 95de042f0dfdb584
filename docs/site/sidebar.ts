/** The list of pages beside each page. */
import type { DefaultTheme } from 'vitepress';
import { nameOfStep } from '../../tools/stepNumbers';
import { PAGES } from './api';
import { short } from './needs';
import { PARTS } from './parts';
import type { ProjectBook } from './project';

/** The four parts with their steps, and what is looked things up in; or, on pages of the reference, its entries. */
export function sidebar(book: ProjectBook): DefaultTheme.SidebarMulti {
  const steps = new Set(book.steps);
  const parts = PARTS.map(({ title, from, to }, i): DefaultTheme.SidebarItem => {
    const numbers = Array.from({ length: to - from + 1 }, (_, k) => from + k).filter((step) => steps.has(step));
    return { text: `${i + 1} · ${title}`, items: numbers.map((step) => item(book, step)) };
  });
  const others = [
    { text: 'Map of the course', link: '/map' },
    { text: 'Glossary', link: '/glossary' },
    { text: 'Our names and others’', link: '/names' },
    { text: 'Train in your browser', link: '/play/train' },
    { text: 'Ants or bees?', link: '/play/antsOrBees' },
    { text: 'How the processor is used', link: '/cpu' },
    { text: 'What is known of the GPU', link: '/gpu' },
    { text: 'When it does not work', link: '/trouble' },
    { text: 'How a page is written', link: '/writing' },
    { text: 'Reference', link: '/reference/' },
  ];
  const entries = PAGES.map((page) => ({ text: page, link: `/reference/${page}` }));
  return {
    '/reference/': [{ text: 'Reference', link: '/reference/', items: entries }, { text: 'Lessons', items: [others[0] ?? {}, others[1] ?? {}, { text: 'Step 01', link: '/step01' }] }], // prettier-ignore
    '/': [...parts, { text: 'To look things up', items: others }],
  };
}

function item(book: ProjectBook, step: number): DefaultTheme.SidebarItem {
  const name = nameOfStep(step);
  const text = `<span class="number">${name.slice(-2)}</span>${short(book.titleOf(step))}`;
  return book.hasPage(`${name}.md`) ? { text, link: `/${name}` } : { text: `<span class="awaited">${text}</span>` };
}
