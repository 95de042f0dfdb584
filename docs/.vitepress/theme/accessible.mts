import { nextTick, onMounted, watch } from 'vue';
import { useData, useRoute } from 'vitepress';

/** Says to screen readers what the default theme leaves unsaid. */
export function sayMore(): void {
  const route = useRoute();
  const { frontmatter } = useData();
  const say = async () => {
    await nextTick();
    // The letter of the short cut is no part of the button's name: it is drawn, as Ctrl before it is.
    document.querySelectorAll<HTMLElement>('.DocSearch-Button-Key').forEach((key) => {
      if (key.textContent) key.dataset['letter'] = key.textContent;
      key.textContent = '';
    });
    const content = document.getElementById('VPContent'); // on the first page it has no main part of its own
    if (frontmatter.value['layout'] === 'home') content?.setAttribute('role', 'main');
    else content?.removeAttribute('role');
  };
  onMounted(() => watch(() => route.path, say, { immediate: true }));
}
