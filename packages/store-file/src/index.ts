export { FileStore, type FileStoreOptions, fileStore } from './file-store.ts';
