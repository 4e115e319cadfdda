#!/usr/bin/env node
import { createInterface } from 'node:readline/promises';

for await (const line of createInterface({ input: process.stdin })) {
  console.log(`There is no model yet to answer "${line}".`);
}
