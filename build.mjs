// Bundles the pages' scripts and styles into static/dist/ (Django hashes the names when it collects them).
// Entry points: static/js/app.js, every file directly in static/js/pages/, static/css/app.css, static/css/calendar.css.
//   node build.mjs [--watch]
import { existsSync, readdirSync, rmSync } from "node:fs";
import esbuild from "esbuild";

const pages = "static/js/pages";
const pageScripts = (existsSync(pages) ? readdirSync(pages) : [])
  .filter((name) => name.endsWith(".js"))
  .map((name) => `${pages}/${name}`);
const frame = ["static/js/app.js", "static/css/app.css", "static/css/calendar.css"].filter(existsSync);

const options = {
  entryPoints: [...frame, ...pageScripts],
  outbase: "static",
  outdir: "static/dist",
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022"],
  chunkNames: "js/chunks/[name]-[hash]",
  external: ["/static/*"],
  loader: { ".svg": "file", ".woff2": "file" },
  minify: true,
  sourcemap: true,
  logLevel: "info",
};

if (process.argv.includes("--watch")) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  rmSync("static/dist", { recursive: true, force: true });
  // esbuild has said what is wrong by then
  await esbuild.build(options).catch(() => process.exit(1));
}
