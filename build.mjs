// Bundles our styles and scripts, and gathers the icons that templates and code ask for, into static/dist.
import { build } from "esbuild";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";

const OUT = "static/dist";
const ICONS = "node_modules/@tabler/icons/icons/outline";
const STROKE = 1.5;

// Icons reached through a variable, out of a literal's sight.
const EXTRA = [
  "address-book", "alert-circle", "archive", "arrow-back-up", "arrow-down", "arrow-up", "ban", "bell-ringing", "bolt",
  "briefcase", "building", "calendar", "calendar-due", "checkbox", "circle-check", "eye-check", "file", "file-import",
  "file-spreadsheet", "file-text", "file-type-pdf", "file-zip", "flag", "folder", "inbox", "layout-kanban", "list",
  "mailbox", "microphone", "microphone-off", "movie", "music", "phone", "phone-off", "photo", "plus", "receipt-2",
  "report-analytics", "screen-share", "settings", "shield-x", "sun", "target-arrow", "timeline", "user-check", "users",
  "video", "video-off",
];

// icon("sun"), icon='sun', "icon": "sun", both arms of icon("a" if … else "b"), and <use href="#i-sun">.
const CALL = /\bicon["']?\s*[(=:]\s*([^)\n]*)/g;
const USE = /href="#i-([a-z0-9-]+)"/g;
const NAME = /["']([a-z][a-z0-9-]*)["']/g;

function sources() {
  const ours = readdirSync(".", { withFileTypes: true })
    .filter((d) => d.isDirectory() && !/^(\.|node_modules$|var$|static$|tests$|docs$)/.test(d.name))
    .map((d) => d.name);
  return ours.flatMap((dir) =>
    readdirSync(dir, { recursive: true })
      .filter((f) => /\.(py|html)$/.test(f))
      .map((f) => `${dir}/${f}`),
  );
}

function iconNames() {
  const names = new Set(EXTRA);
  for (const file of sources()) {
    const text = readFileSync(file, "utf8");
    for (const [, name] of text.matchAll(USE)) names.add(name);
    for (const [, args] of text.matchAll(CALL)) {
      const [first, ...rest] = [...args.matchAll(NAME)].map((m) => m[1]);
      for (const name of [first, ...rest]) {
        if (!name) continue;
        if (existsSync(`${ICONS}/${name}.svg`)) names.add(name);
        else if (name === first && args.trimStart().startsWith(`"${name}"`))
          console.warn(`build: ${file}: no icon "${name}"`);
      }
    }
  }
  return [...names].sort();
}

function symbol(name) {
  const svg = readFileSync(`${ICONS}/${name}.svg`, "utf8");
  const body = svg
    .slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>"))
    .replace(/<path stroke="none"[^>]*>/, "")
    .replace(/\s*\n\s*/g, "");
  return (
    `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="${STROKE}" ` +
    `stroke-linecap="round" stroke-linejoin="round">${body}</symbol>`
  );
}

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const icons = iconNames();
writeFileSync(
  `${OUT}/icons.svg`,
  `<svg xmlns="http://www.w3.org/2000/svg">${icons.map(symbol).join("\n")}</svg>\n`,
);
await build({
  entryPoints: ["static/css/app.css", "static/js/app.js", "static/css/calendar.css", "static/js/calendar.js", "static/js/sw.js"],
  outdir: OUT,
  entryNames: "[name]",
  assetNames: "[name]",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome123", "firefox128", "safari17.5"],
  loader: { ".woff2": "file", ".svg": "dataurl" },
  legalComments: "none",
  logLevel: "warning",
});
console.log(`build: styles, scripts and ${icons.length} icons in ${OUT}`);
