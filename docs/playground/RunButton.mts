import { computed, defineComponent, h, nextTick, onBeforeUnmount, onMounted, ref, watch } from 'vue';
import { useData, useRoute, withBase } from 'vitepress';
import type * as Ants from './antsOrBees/page.js';
import type * as Playground from './panel/main.js';
import type * as Train from './train/page.js';

/** Steps that may use the page's gpu, and those that train for longer. */
const usesGpu = (step: number): boolean => step >= 48;
const limitOf = (step: number): number => (step > 40 ? 600 : 60);

let closeOther: (() => void) | null = null; // one playground at a time

/** On a lesson: a button that opens its program in the page. All that the playground needs is fetched only then. */
export const RunButton = defineComponent({
  props: { first: { type: Boolean, default: false } }, // of the page's two: opens by itself for a shared program
  setup(props) {
    const route = useRoute();
    const { frontmatter } = useData();
    const step = computed(() => Number(frontmatter.value['step'] ?? 0));
    const host = ref<HTMLElement>();
    const isOpen = ref(false);
    const trouble = ref('');
    let close: (() => void) | null = null;

    const open = async () => {
      closeOther?.();
      trouble.value = '';
      isOpen.value = true;
      try {
        const base = new URL(withBase('/playground/'), location.href).href;
        const { openPanel } = (await import(/* @vite-ignore */ `${base}panel.js`)) as typeof Playground;
        await nextTick();
        if (!host.value) return;
        const name = `step${String(step.value).padStart(2, '0')}`;
        const onClose = () => (isOpen.value = false);
        const panel = await openPanel(host.value, {
          base,
          name,
          gpu: usesGpu(step.value),
          limit: limitOf(step.value),
          onClose,
        });
        closeOther = close = () => {
          closeOther = close = null;
          panel.close();
        };
        panel.editor.focus();
      } catch (error) {
        isOpen.value = false;
        trouble.value = `The playground does not open: ${error instanceof Error ? error.message : String(error)}`;
      }
    };

    onMounted(() => {
      if (props.first && step.value > 0 && location.hash.startsWith('#play=')) void open();
    });
    watch(() => route.path, () => close?.()); // prettier-ignore
    onBeforeUnmount(() => close?.());
    return () =>
      step.value > 0
        ? h('div', { class: 'run-here' }, [
            isOpen.value ? null : h('button', { type: 'button', class: 'read-mark', style: 'margin: 0 0 1.5rem', onClick: () => void open() }, '▶ Run it here'),
            trouble.value ? h('p', { role: 'alert' }, trouble.value) : null,
            h('div', { ref: host }),
          ])
        : null; // prettier-ignore
  },
});

/** What a page's head may ask for with `play: …`: fetched when the page is opened. */
const PLAYS: Readonly<Record<string, (host: HTMLElement, base: string) => Promise<{ close(): void } | null>>> = {
  antsOrBees: async (host, base) => {
    const { openAntsOrBees } = (await import(/* @vite-ignore */ `${base}antsOrBees.js`)) as typeof Ants;
    openAntsOrBees(host, base);
    return null;
  },
  train: async (host, base) => {
    const { openTrain } = (await import(/* @vite-ignore */ `${base}train.js`)) as typeof Train;
    return openTrain(host, base);
  },
};

/** On a page with `play: antsOrBees` in its head: the network that looks at the reader's photo; with `play: train`: one that learns. */
export const PlayPage = defineComponent({
  setup() {
    const { frontmatter } = useData();
    const play = computed(() => PLAYS[String(frontmatter.value['play'])]);
    const host = ref<HTMLElement>();
    const trouble = ref('');
    let close: (() => void) | null = null;
    const start = async () => {
      close?.();
      close = null;
      const [place, open] = [host.value, play.value];
      if (!place || !open) return;
      trouble.value = '';
      try {
        const opened = await open(place, new URL(withBase('/playground/'), location.href).href);
        if (host.value === place) close = () => opened?.close();
        else opened?.close(); // the reader has gone on meanwhile
      } catch (error) {
        trouble.value = `The page does not open: ${error instanceof Error ? error.message : String(error)}`;
      }
    };
    onMounted(() => watch(host, start, { immediate: true }));
    onBeforeUnmount(() => close?.());
    return () =>
      play.value
        ? h('div', { key: String(frontmatter.value['play']) }, [trouble.value ? h('p', { role: 'alert' }, trouble.value) : null, h('div', { ref: host })])
        : null; // prettier-ignore
  },
});
