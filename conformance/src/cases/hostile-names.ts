/** Names that differ, and that careless stores take for the same: each list is stored together and read back apart. */
export const confusableNames: readonly (readonly string[])[] = [
  ['a', 'A', '\u0430', '\uff41'],
  ['caf\u00e9', 'cafe\u0301', 'cafe', 'caf?', 'CAF\u00c9'],
  ['\ufb01', 'fi', '\u00df', 'ss', '\u0131', 'i', '\u0130', 'I'],
  ['x', 'x ', ' x', 'x\t', 'x\n', 'x\0', 'x\u200b', 'x\ufeff', '\ufeffx'],
  [
    'a/b',
    'a\\b',
    'a:b',
    'a_b',
    'a-b',
    'a.b',
    'a%2Fb',
    'a%252Fb',
    'a b',
    'a+b',
    'a|b',
    'a,b',
    'a;b',
    'a#b',
    'a?b',
    'a&b',
    'a=b',
    'a~b',
    'ab',
  ],
  ['b', './b', 'a/../b', '../b', 'b/', '/b', '//b', 'b/.', '..\\b', 'b.json', 'B'],
  ['.', '..', '...', '/', '\\', '~', '-', '--', '_', '%', '*', '?', '%00', '$', '#', '@', '!'],
  ['CON', 'con', 'NUL', 'COM1', 'LPT1', 'AUX', 'con.txt', 'CON.'],
  ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'length'],
  ['$gt', '$where', '{x}', '{', '}', '[x]', '["x"]', '"x"', "'x'", '`x`', "' OR 1=1 --", '*', '{"$gt":""}', '<x>'],
  ['0', '00', '-0', '0.0', '1', '1.0', '01', '1e0', 'null', 'undefined', 'true', 'NaN', '[object Object]'],
  [
    '\u{1f600}',
    '\u{1f601}',
    '\u{1f468}\u200d\u{1f469}',
    '\u{1f468}\u{1f469}',
    '\u{10ffff}',
    '\uffff',
    '\ufffd',
    '?',
    '\ue000',
  ],
  ['\u0000', '\u0001', '\u007f', '\u0080', '\u2028', '\u2029', '\r', '\n', '\r\n', '\t'],
];

/** Names of just the longest length, 512 bytes in UTF-8, that differ at their end only. */
export const longestNames: readonly string[] = [
  `${'x'.repeat(511)}a`,
  `${'x'.repeat(511)}b`,
  `${'\u20ac'.repeat(170)}xa`,
  `${'\u20ac'.repeat(170)}xb`,
  '\u{1f600}'.repeat(128),
  `${'\u{1f600}'.repeat(127)}\u{1f601}`,
  `${'../'.repeat(170)}ab`,
];

/** What is no name at all. */
export const invalidNames: readonly unknown[] = [
  '',
  'x'.repeat(513),
  '\u20ac'.repeat(171),
  '\ud800',
  'x\udc00',
  '\udc00\ud800',
  undefined,
  null,
  7,
  true,
  {},
  { $gt: '' },
  [],
  ['a'],
  { toString: () => 'a' },
  new String('a'),
];

/** An invalid name, in the message of a failure. */
export function describeInvalid(name: unknown): string {
  if (typeof name === 'string')
    return name.length > 40 ? `a string of ${name.length} code units` : JSON.stringify(name);
  return name instanceof String ? 'a String object' : (JSON.stringify(name) ?? String(name));
}
