// The front as a process of its own: node main.ts PORT PORT_OF_POSTGRESQL. It says "ready" when it takes connections.
import { startFront } from './front.ts';

await startFront(Number(process.argv[2]), Number(process.argv[3]));
console.log('ready');
