import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** The files of an npm tarball with their text, their paths without the leading `package/`. */
export function filesOf(tarball: string): Map<string, string> {
  const data = gunzipSync(readFileSync(tarball));
  const text = (from: number, length: number) => data.toString('utf8', from, from + length).replace(/\0.*$/s, '');
  const files = new Map<string, string>();
  // A tar archive: a header of 512 bytes for each file, then its content, padded to a multiple of 512 bytes.
  for (let at = 0; at + 512 <= data.length && data[at] !== 0; ) {
    const path = [text(at + 345, 155), text(at, 100)].filter((part) => part !== '').join('/');
    const size = Number.parseInt(text(at + 124, 12).trim(), 8);
    const isFile = [0, 0x30].includes(data[at + 156] ?? -1);
    if (isFile) files.set(path.replace(/^package\//, ''), data.toString('utf8', at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
