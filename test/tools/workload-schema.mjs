// Writes workloads/workload.schema.json from the schema that checks workload files. Run after `npm run build:modules`.
import { writeFileSync } from 'node:fs';
import { workloadJsonSchema } from '../../build/bench/workload-json-schema.js';

writeFileSync(new URL('../../workloads/workload.schema.json', import.meta.url), workloadJsonSchema());
