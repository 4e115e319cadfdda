// `node scripts/run.mjs NAME.ts [arguments]` runs a script of this folder on the pinned Node, which reads TypeScript.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled, environment, requireSupportedNode, root, scriptNode } from './bootstrap.mjs';

requireSupportedNode();
await ensureInstalled();

const [name, ...args] = process.argv.slice(2);
const child = spawn(scriptNode(), [join(root, 'scripts', name), ...args], {
  cwd: root,
  // The built packages are also tried on the Node that the caller has, which may be an older one. Not `process.execPath`:
  // npm puts the installed tools first on PATH, and the pinned Node is among them.
  env: { ...environment(), SESS_MACHINE_NODE: process.env.npm_node_execpath ?? process.execPath },
  stdio: 'inherit',
});
// A terminal sends its signals to the whole group; this process only has to outlive its child and report its end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (!process.stdin.isTTY || signal === 'SIGTERM') child.kill(signal);
  });
}
child.once('close', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
});
