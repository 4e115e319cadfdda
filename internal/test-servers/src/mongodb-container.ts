import { containerRuntime } from './container-runtime.ts';
import { freePorts } from './free-port.ts';
import { mongoVersion } from './mongo-version.ts';
import { REPLICA_SET, untilPrimary } from './mongodb-replica-set.ts';
import type { TestServer } from './test-server.ts';

export const MONGO_IMAGE = 'mongo:8.0.15';

const PORT = 27017;

/** MongoDB in a container, as a replica set of one node. Rejects with the reason where there is no container runtime. */
export async function startMongoContainer(): Promise<TestServer> {
  const { containers, reason } = await containerRuntime();
  if (containers === undefined) throw new Error(reason);
  const [port = 0] = await freePorts(1);
  const container = await new containers.GenericContainer(MONGO_IMAGE)
    .withCommand([...REPLICA_SET, '--bind_ip_all'])
    .withExposedPorts({ container: PORT, host: port })
    .start();
  const client = await containers.getContainerRuntimeClient();
  const handle = client.container.getById(container.getId());
  // The member's own name for itself is that of inside, so the driver must not look for it.
  const url = `mongodb://127.0.0.1:${port}/?directConnection=true`;
  await untilPrimary(url, PORT);
  return {
    ...(await mongoVersion(url)),
    url,
    async stop() {
      await container.stop();
    },
    async kill() {
      await handle.kill();
    },
    async restart() {
      await handle.start();
      await untilPrimary(url, PORT);
    },
  };
}
