// Reads and writes with npm's sparkplug-payload: questions on standard input, answers on standard output.
"use strict";
const { createRequire } = require("module");
const path = require("path");
// The packages lie in an environment of their own, and not beside this file.
const fromThere = createRequire(path.join(process.argv[2], "package.json"));
const sparkplug = fromThere("sparkplug-payload").get("spBv1.0");
const Long = fromThere("long");

const WHOLE = new Set(["Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "DateTime"]);
const NAMES = ["", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float", "Double", "Boolean",
  "String", "DateTime", "Text", "UUID", "DataSet", "Bytes", "File"];

function plain(type, value) {
  if (value === null || value === undefined) return null;
  if (type === "DataSet") return value.rows.map(row => row.map((one, i) => plain(value.types[i], one)));
  if (Long.isLong(value) || WHOLE.has(type)) return { int: value.toString() };
  if (type === "Float" || type === "Double") {
    return { float: Number.isNaN(value) ? "nan" : value === Infinity ? "inf" : value === -Infinity ? "-inf" : String(value) };
  }
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("hex") };
  return value;
}

function number(value) {
  return value === undefined || value === null ? null : Number(value.toString());
}

function read(question) {
  const birth = sparkplug.decodePayload(Buffer.from(question.birth, "hex"));
  const names = new Map(birth.metrics.map(one => [number(one.alias), one.name]));
  const said = question.data ? sparkplug.decodePayload(Buffer.from(question.data, "hex")) : birth;
  return said.metrics.map(one => ({
    name: one.name ?? names.get(number(one.alias)),
    alias: number(one.alias),
    at_ms: number(one.timestamp),
    type: NAMES.indexOf(one.type ?? ""),
    value: plain(one.type, one.value),
    historical: one.isHistorical ?? false,
  }));
}

function rich(type, value) {
  if (value === null || typeof value !== "object") return value;
  if (value.bytes !== undefined) return Buffer.from(value.bytes, "hex");
  if (value.float !== undefined) return { nan: NaN, inf: Infinity, "-inf": -Infinity }[value.float] ?? Number(value.float);
  if (["Int64", "UInt64", "UInt32", "DateTime"].includes(type)) return Long.fromString(value.int, type !== "Int64");
  return Number(value.int);
}

function write(question) {
  const metrics = question.metrics.map(one => {
    if (!NAMES[one.type] || one.type === 16) throw new Error(`type ${one.type} is not written here`);
    const metric = { name: one.name, type: NAMES[one.type], value: rich(NAMES[one.type], one.value) };
    metric.timestamp = Long.fromNumber(one.at_ms, true);
    metric.alias = one.alias;
    if (one.historical) metric.isHistorical = true;
    return metric;
  });
  const payload = { timestamp: Long.fromNumber(question.at_ms, true), seq: question.seq, metrics };
  return Buffer.from(sparkplug.encodePayload(payload)).toString("hex");
}

function answer(question) {
  try {
    return { answer: question.metrics ? write(question) : read(question) };
  } catch (error) {
    return { error: String(error) };
  }
}

const questions = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(questions.map(answer)));
