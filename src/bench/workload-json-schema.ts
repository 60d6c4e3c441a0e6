/** The schema of workload files for editors: `workloads/workload.schema.json` is this text, written by test/tools/workload-schema.mjs. */
import { z } from 'zod';
import { workloadSchema } from './workload-schema.ts';

/** Draft 7, which editors' YAML support reads; what workload-rules.ts adds is not in it. */
export function workloadJsonSchema(): string {
  const schema = z.toJSONSchema(workloadSchema, { io: 'input', target: 'draft-7' });
  const titled = { $schema: schema.$schema, title: 'quorumbench workload', ...schema };
  return `${JSON.stringify(titled, null, 2)}\n`;
}
