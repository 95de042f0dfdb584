import { computed, defineComponent, h, onMounted, ref, watch } from 'vue';
import { useData, useRoute } from 'vitepress';

const KEY = 'dezero-read'; // the reader's own browser keeps it, and nobody else
const read = ref<readonly string[]>([]);

function load(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : [];
  } catch {
    return []; // a browser that keeps nothing, or something else under this name
  }
}

function save(): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(read.value));
  } catch {
    // the marks last as long as the page
  }
}

/** A tick beside each lesson in the list that has been read: by a style sheet, so that the list itself is left alone. */
function showTicks(): void {
  const id = 'read-ticks';
  const sheet =
    document.getElementById(id) ?? document.head.appendChild(Object.assign(document.createElement('style'), { id }));
  const links = read.value.map((name) => `.VPSidebarItem a[href$="/${name}.html"] .text::after`);
  sheet.textContent = links.length > 0 ? `${links.join(',')}{content:" ✓";color:var(--vp-c-brand-1)}` : '';
}

/** Under a lesson: a button that marks it as read. */
export const ReadMark = defineComponent({
  setup() {
    const route = useRoute();
    const { frontmatter } = useData();
    const name = computed(() => /step\d\d/.exec(route.path)?.[0] ?? '');
    const isRead = computed(() => read.value.includes(name.value));
    const toggle = () => {
      read.value = isRead.value ? read.value.filter((one) => one !== name.value) : [...read.value, name.value];
      save();
    };
    onMounted(() => {
      read.value = load();
      watch(read, showTicks, { immediate: true });
    });
    return () =>
      frontmatter.value['step'] === undefined
        ? null
        : h('button', { type: 'button', class: 'read-mark', 'aria-pressed': isRead.value, onClick: toggle }, isRead.value ? '✓ Read' : 'Mark as read'); // prettier-ignore
  },
});
