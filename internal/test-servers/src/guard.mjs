// Runs a server for as long as the process that asked for it lives: when that ends, however it ends, its end of the
// pipe to our standard input is closed, and the server is killed.
import { spawn } from 'node:child_process';

const [file, ...args] = process.argv.slice(2);
const server = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'] });
server.on('error', (error) => {
  console.error(error.message);
  process.exit(127);
});
server.on('exit', (code) => process.exit(code ?? 0));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {}); // the one who asked decides
process.stdin.on('end', () => server.kill('SIGKILL')).resume();
