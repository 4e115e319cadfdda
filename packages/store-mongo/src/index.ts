export { MongoStore, type MongoStoreOptions, mongoStore } from './mongo-store.ts';
