// Compares what a TypeScript declaration says of a call with what the OpenAPI document says of it.

import { fileURLToPath } from 'node:url';

import ts from '../../../sdk/browser/node_modules/typescript/lib/typescript.js';

// Gives a function: from a call's name, such as `fraud.rules.list`, to the types of its parameters by name and of its answer.
export function readDeclarations(url, className) {
  const file = fileURLToPath(url);
  const program = ts.createProgram([file], { strict: true, noEmit: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext });
  const checker = program.getTypeChecker();
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)));
  const root = checker.getDeclaredTypeOfSymbol(exported.find(({ name }) => name === className));
  const call = (name) => {
    const type = name.split('.').reduce((at, part) => checker.getTypeOfSymbol(at.getProperty(part)), root);
    const [signature] = type.getCallSignatures();
    const params = signature.getParameters().map((symbol) => [symbol.name, checker.getTypeOfSymbol(symbol)]);
    return { params: Object.fromEntries(params), answer: checker.getAwaitedType(signature.getReturnType()) };
  };
  return { call, checker };
}

// Gives what differs, as texts; `isAnswer` is whether the server sends it, and must say neither more nor less than it does.
export function differences({ checker, document, isAnswer }, type, schema, where) {
  const found = [];
  compare(type, schema, where);
  return found;

  function compare(type, schema, where) {
    const { kinds, properties, required, items } = resolve(schema, document);
    const members = (type.isUnion() ? type.types : [type]).map((member) => [kindOf(member), member]);
    const declared = new Set(members.map(([kind]) => kind).filter((kind) => kind !== 'undefined'));
    if (kinds.size === 0) return;
    for (const kind of kinds) {
      if ((isAnswer || kind !== 'null') && !declared.has(kind)) found.push(`${where} may be ${kind}`);
    }
    for (const kind of isAnswer ? declared : []) if (!kinds.has(kind)) found.push(`${where} is never ${kind}`);
    for (const [kind, member] of members) {
      if (kind === 'array' && items) compare(checker.getTypeArguments(member)[0], items, `${where}[]`);
      if (kind === 'object' && properties) compareFields(member, properties, required, where);
    }
  }

  function compareFields(type, properties, required, where) {
    const fields = checker.getPropertiesOfType(type).filter(({ name }) => !name.startsWith('__@') && name !== 'nextPage');
    for (const { name } of fields) if (!properties[name]) found.push(`${where}.${name} is not there`);
    for (const [name, schema] of Object.entries(properties)) {
      const field = fields.find((one) => one.name === name);
      if (!field) {
        found.push(`${where}.${name} is left out`);
        continue;
      }
      const isOptional = Boolean(field.flags & ts.SymbolFlags.Optional);
      if (isOptional && required.has(name)) found.push(`${where}.${name} is required`);
      const type = checker.getTypeOfSymbol(field);
      // What an answer leaves out is never null.
      compare(type, isAnswer && isOptional ? withoutNull(schema) : schema, `${where}.${name}`);
    }
  }

  function kindOf(type) {
    if (type.flags & ts.TypeFlags.Null) return 'null';
    if (type.flags & ts.TypeFlags.Undefined) return 'undefined';
    if (type.flags & ts.TypeFlags.StringLike) return 'string';
    if (type.flags & ts.TypeFlags.NumberLike) return 'number';
    if (type.flags & ts.TypeFlags.BooleanLike) return 'boolean';
    if (checker.isArrayType(type)) return 'array';
    // A text that may be any, beside some that are known: `string & {}`.
    return type.isIntersection() && type.types.some((one) => one.flags & ts.TypeFlags.String) ? 'string' : 'object';
  }
}

function withoutNull(schema) {
  return schema.oneOf ? { oneOf: schema.oneOf.filter(({ type }) => type !== 'null') } : schema;
}

// What a schema allows: kinds of values, and for objects and arrays what is in them.
function resolve(schema, document) {
  if (schema.$ref) return resolve(document.components.schemas[schema.$ref.split('/').at(-1)], document);
  const parts = (schema.allOf ?? schema.oneOf ?? schema.anyOf ?? []).map((part) => resolve(part, document));
  const kinds = new Set(parts.flatMap((part) => [...part.kinds]));
  for (const type of [schema.type ?? []].flat()) kinds.add(type === 'integer' ? 'number' : type);
  const all = [...parts, { properties: schema.properties, required: new Set(schema.required ?? []), items: schema.items }];
  const withFields = all.filter(({ properties }) => properties);
  return {
    kinds,
    properties: withFields.length > 0 ? Object.assign({}, ...withFields.map(({ properties }) => properties)) : undefined,
    required: new Set(all.flatMap(({ required }) => [...(required ?? [])])),
    items: all.find(({ items }) => items)?.items,
  };
}
