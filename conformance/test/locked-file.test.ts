import { conformance } from '@sess/conformance/vitest';
import { useTemporaryFolder } from './fixtures/temporary-folder.ts';

useTemporaryFolder();

conformance(new URL('./fixtures/locked-file.target.ts', import.meta.url));
