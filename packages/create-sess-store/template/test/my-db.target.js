import { MyDbStore } from '../dist/index.js';

/** Tells the kit how to open the store. The same space again is a second instance on the same data. */
export default {
  name: 'my-db',
  async open({ space, ttl, clock }) {
    const store = new MyDbStore({ prefix: space, ttl, clock });
    return {
      store,
      // Frees everything that was opened here, the driver's client included.
      close: () => store.close(),
      // disconnect: () => cut the store's connection,
      // break: () => make the database fail for what is stored in the space,
    };
  },
  // Where there is neither, the reason why:
  // without: { disconnect: 'there is no connection', break: 'everything is in this process' },
};
