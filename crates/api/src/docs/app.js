// Shows /openapi.json: operations by tag, parameters, bodies, answers, a curl line, and a form to try each one.
"use strict";

let api;

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function resolve(schema) {
  if (!schema || !schema.$ref) return schema || {};
  return schema.$ref.slice(2).split("/").reduce((node, part) => (node || {})[part], api) || {};
}

function typeName(schema) {
  if (!schema) return "any";
  if (schema.$ref) return schema.$ref.split("/").pop();
  const options = schema.oneOf || schema.anyOf;
  if (options) return options.map(typeName).join(" | ");
  if (schema.allOf) return schema.allOf.map(typeName).join(" & ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const types = [].concat(schema.type || "any");
  return types.map((type) => (type === "array" ? typeName(schema.items) + "[]" : type)).join(" | ");
}

// An example of a schema; `seen` stops schemas that contain themselves.
function example(schema, seen = []) {
  if (!schema) return null;
  if (schema.$ref) {
    if (seen.includes(schema.$ref)) return null;
    return example(resolve(schema), [...seen, schema.$ref]);
  }
  if (schema.example !== undefined) return schema.example;
  if (schema.examples && schema.examples.length) return schema.examples[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  const options = schema.oneOf || schema.anyOf;
  if (options) return example(options.find((option) => option.type !== "null"), seen);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => example(part, seen)));
  const type = [].concat(schema.type || [])[0];
  if (type === "object" || schema.properties) {
    const fields = Object.entries(schema.properties || {});
    return Object.fromEntries(fields.map(([name, field]) => [name, example(field, seen)]));
  }
  if (type === "array") return schema.items ? [example(schema.items, seen)] : [];
  return { string: "", integer: 0, number: 0, boolean: false }[type] ?? null;
}

function fieldRows(schema, prefix = "", seen = []) {
  if (schema.$ref && seen.includes(schema.$ref)) return [];
  const within = schema.$ref ? [...seen, schema.$ref] : seen;
  const body = resolve(schema);
  const required = body.required || [];
  return Object.entries(body.properties || {}).flatMap(([name, field]) => {
    const inner = field.type === "array" ? field.items : field;
    const options = inner.oneOf || inner.anyOf || [inner];
    const object = options.find((option) => option.$ref || option.properties);
    const path = prefix + name + (field.type === "array" ? "[]" : "");
    const mark = required.includes(name) ? "" : " (optional)";
    const text = field.description || resolve(object).description || "";
    const row = el("tr", {}, el("td", {}, el("code", {}, path)), el("td", {}, typeName(field) + mark), el("td", {}, text));
    return [row, ...(object ? fieldRows(object, path + ".", within) : [])];
  });
}

function fields(schema) {
  const rows = fieldRows(schema);
  return rows.length ? el("table", {}, el("tbody", {}, ...rows)) : el("p", { class: "soft" }, typeName(schema));
}

function jsonSchema(content) {
  const entry = content && Object.values(content)[0];
  return entry && entry.schema;
}

function securityHeaders(operation) {
  const headers = {};
  for (const requirement of operation.security || []) {
    for (const name of Object.keys(requirement)) {
      const scheme = ((api.components || {}).securitySchemes || {})[name] || {};
      if (scheme.type === "http") headers.Authorization = ["Bearer ", "token"];
      if (scheme.type === "apiKey" && scheme.in === "header") headers[scheme.name] = ["", "key"];
    }
  }
  return headers;
}

function curl(method, path, operation) {
  const quote = (text) => `'${text.replace(/'/g, "'\\''")}'`;
  const parts = [`curl -X ${method.toUpperCase()} ${quote(location.origin + path)}`];
  for (const [name, [prefix, kind]] of Object.entries(securityHeaders(operation))) {
    parts.push(`-H "${name}: ${prefix}$${kind === "token" ? "TOKEN" : "API_KEY"}"`);
  }
  const schema = operation.requestBody && jsonSchema(operation.requestBody.content);
  if (schema) parts.push("-H 'Content-Type: application/json'", `-d ${quote(JSON.stringify(example(schema)))}`);
  return parts.join(" \\\n  ");
}

function tryForm(method, path, operation, parameters) {
  const inputs = parameters.map((parameter) => [parameter, el("input", { "aria-label": parameter.name })]);
  const schema = operation.requestBody && jsonSchema(operation.requestBody.content);
  const body = schema && el("textarea", { "aria-label": "Body", spellcheck: "false" }, JSON.stringify(example(schema), null, 2));
  const output = el("pre", { hidden: "", "aria-live": "polite" });
  const send = async (event) => {
    event.preventDefault();
    let target = path;
    const query = new URLSearchParams();
    const headers = {};
    for (const [parameter, input] of inputs) {
      if (parameter.in === "path") target = target.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      else if (input.value === "") continue;
      else if (parameter.in === "query") query.set(parameter.name, input.value);
      else if (parameter.in === "header") headers[parameter.name] = input.value;
    }
    for (const [name, [prefix, kind]] of Object.entries(securityHeaders(operation))) {
      const value = document.getElementById(kind).value;
      if (value) headers[name] = prefix + value;
    }
    if (body) headers["Content-Type"] = "application/json";
    if ([...query].length) target += "?" + query;
    output.hidden = false;
    try {
      const answer = await fetch(target, { method: method.toUpperCase(), headers, body: body && body.value });
      let text = await answer.text();
      try { text = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: shown as it is */ }
      output.textContent = `${answer.status} ${answer.statusText}\n${text}`;
      const session = path === "/v1/auth/login" && answer.ok && JSON.parse(text);
      if (session) document.getElementById("token").value = session.token;
    } catch (error) {
      output.textContent = String(error);
    }
  };
  const rows = inputs.map(([parameter, input]) => el("p", {}, el("label", {}, `${parameter.name} `, input)));
  return el("form", { onsubmit: send }, el("h4", {}, "Try it"), ...rows, body || null, el("p", {}, el("button", {}, "Send")), output);
}

function content(method, path, operation, parameters) {
  const parts = [];
  if (operation.description) parts.push(el("p", {}, operation.description));
  if (parameters.length) {
    const rows = parameters.map((parameter) => el("tr", {},
      el("td", {}, el("code", {}, parameter.name), ` in ${parameter.in}`),
      el("td", {}, typeName(parameter.schema) + (parameter.required ? "" : " (optional)")),
      el("td", {}, parameter.description || "")));
    parts.push(el("h4", {}, "Parameters"), el("table", {}, el("tbody", {}, ...rows)));
  }
  const request = operation.requestBody && jsonSchema(operation.requestBody.content);
  if (request) parts.push(el("h4", {}, "Body"), fields(request));
  for (const [status, answer] of Object.entries(operation.responses || {})) {
    const schema = jsonSchema(resolve(answer).content);
    const title = el("h4", {}, `${status} ${resolve(answer).description || ""}`);
    if (status >= "400") continue;
    parts.push(title, schema ? fields(schema) : null);
  }
  const refusals = Object.keys(operation.responses || {}).filter((status) => status >= "400");
  if (refusals.length) parts.push(el("p", { class: "soft" }, `May also answer ${refusals.join(", ")}.`));
  parts.push(el("h4", {}, "curl"), el("pre", {}, curl(method, path, operation)), tryForm(method, path, operation, parameters));
  return el("div", {}, ...parts);
}

function operationCard(method, path, shared, operation) {
  const parameters = [...shared, ...(operation.parameters || [])].map(resolve);
  const head = el("summary", {}, el("span", { class: `method ${method}` }, method.toUpperCase()), el("code", {}, path),
    " ", el("span", { class: "soft" }, operation.summary || ""));
  const card = el("details", { id: `${method}${path}` }, head);
  // Filled when first opened: most never are.
  card.addEventListener("toggle", () => {
    if (card.open && card.children.length === 1) card.append(content(method, path, operation, parameters));
  });
  card.dataset.words = `${method} ${path} ${operation.summary || ""} ${(operation.tags || []).join(" ")}`.toLowerCase();
  return card;
}

function show() {
  const byTag = new Map();
  const methods = ["get", "post", "put", "patch", "delete"];
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of methods.filter((name) => item[name])) {
      const tag = (item[method].tags || ["other"])[0];
      if (!byTag.has(tag)) byTag.set(tag, []);
      byTag.get(tag).push(operationCard(method, path, item.parameters || [], item[method]));
    }
  }
  const about = document.getElementById("about");
  about.replaceChildren(`${api.info.description || ""} Version ${api.info.version}. `, el("a", { href: "/openapi.json" }, "openapi.json"));
  const known = (api.tags || []).map((tag) => tag.name);
  const rank = (tag) => (known.includes(tag) ? known.indexOf(tag) : known.length);
  for (const [tag, cards] of [...byTag].sort(([a], [b]) => rank(a) - rank(b))) {
    const note = ((api.tags || []).find((other) => other.name === tag) || {}).description;
    const links = cards.map((card) => el("a", { href: `#${card.id}`, onclick: () => { card.open = true; } }, ...[...card.children[0].children].slice(0, 2).map((node) => node.cloneNode(true))));
    document.getElementById("index").append(el("strong", {}, tag), ...links);
    document.getElementById("operations").append(el("section", {}, el("h2", {}, tag), note ? el("p", { class: "soft" }, note) : null, ...cards));
  }
  const linked = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (linked) { linked.open = true; linked.scrollIntoView(); }
}

document.getElementById("search").addEventListener("input", (event) => {
  const words = event.target.value.toLowerCase().split(/\s+/);
  for (const card of document.querySelectorAll("details")) {
    card.hidden = !words.every((word) => card.dataset.words.includes(word));
  }
});
document.getElementById("credentials").addEventListener("submit", (event) => event.preventDefault());

fetch("/openapi.json").then((answer) => answer.json()).then((document_) => { api = document_; show(); })
  .catch((error) => { document.getElementById("about").textContent = `The document could not be loaded: ${error}`; });
