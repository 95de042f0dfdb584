/** What docs/.vitepress/config.mts needs of the project. */
export { asMembers } from '../plugins/asMembers';
export { lessons } from '../plugins/lessons';
export { loadDrawings } from './drawings';
export { bookOf } from './prepare';
export { sidebar } from './sidebar';
export { isAwaited } from './weave';
