export { MyDbStore, type MyDbStoreOptions } from './my-db-store.ts';
