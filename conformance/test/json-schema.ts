interface Schema {
  $ref?: string;
  anyOf?: Schema[];
  enum?: unknown[];
  type?: string | string[];
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean;
  items?: Schema;
  pattern?: string;
  minimum?: number;
  $defs?: Record<string, Schema>;
}

/** Where a value does not fit a JSON schema; knows the keywords that the report's schema uses. */
export function schemaProblems(value: unknown, schema: Schema, root: Schema = schema, at = 'report'): string[] {
  if (schema.$ref !== undefined) {
    const found = root.$defs?.[schema.$ref.replace('#/$defs/', '')];
    return found === undefined ? [`${at}: ${schema.$ref} is not defined`] : schemaProblems(value, found, root, at);
  }
  if (schema.anyOf !== undefined) {
    const fits = schema.anyOf.some((one) => schemaProblems(value, one, root, at).length === 0);
    return fits ? [] : [`${at} fits none of the alternatives`];
  }
  if (schema.enum !== undefined) return schema.enum.includes(value) ? [] : [`${at} is ${JSON.stringify(value)}`];
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => isOf(type, value)))
    return [`${at} is not of type ${types.join(' or ')}`];
  if (typeof value === 'string' && schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) {
    return [`${at} does not match ${schema.pattern}`];
  }
  if (typeof value === 'number' && schema.minimum !== undefined && value < schema.minimum)
    return [`${at} is too small`];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => schemaProblems(item, schema.items ?? {}, root, `${at}[${index}]`));
  }
  if (typeof value !== 'object' || value === null) return [];
  const properties = schema.properties ?? {};
  return [
    ...(schema.required ?? []).filter((key) => !(key in value)).map((key) => `${at}.${key} is missing`),
    ...Object.entries(value).flatMap(([key, item]) => {
      const known = properties[key];
      if (known !== undefined) return schemaProblems(item, known, root, `${at}.${key}`);
      return schema.additionalProperties === false ? [`${at}.${key} is not in the schema`] : [];
    }),
  ];
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
