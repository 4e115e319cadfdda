import type { Message } from '../../src/contender.ts';

/** Three turns, the second of which calls a tool. */
export const turns: readonly (readonly Message[])[] = [
  [user('Where am I?'), model('In Pisa.')],
  [
    user('How is the weather?'),
    {
      role: 'model',
      content: [{ toolRequest: { name: 'weather', ref: 'call-1', input: { city: 'Pisa', days: [1, 2] } } }],
    },
    {
      role: 'tool',
      content: [{ toolResponse: { name: 'weather', ref: 'call-1', output: { sky: 'clear', celsius: [21, 23.5] } } }],
    },
    model('Clear, 21 °C.'),
  ],
  [user('Thanks'), model('You are welcome.')],
];

export function user(text: string): Message {
  return { role: 'user', content: [{ text }] };
}

export function model(text: string): Message {
  return { role: 'model', content: [{ text }] };
}
