export { specVersion } from './index.ts';
