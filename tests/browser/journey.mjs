// Journeys through the UI, each as a person would go; prints what was seen as JSON. Driven by driver.py.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const order = JSON.parse(process.argv[2]);
const require = createRequire(order.packages);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
const PATIENCE = 20_000;

const seen = { broken: [], violations: {} };

async function look(page, name) {
  await page.screenshot({ path: join(order.screenshots, `${name}.png`) });
  await page.evaluate(axe);
  const { violations } = await page.evaluate((runOnly) => window.axe.run({ runOnly }), RULES);
  seen.violations[name] = violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
}

const state = (page) => page.locator(".page-head [data-state]");

/** Executes a flow through the dialog, with a mistake first, and watches it to its end. */
async function execute(page) {
  await page.goto(`${order.base}/ui/main/flows/edit/browser.tests/greet/overview`);
  await page.getByRole("heading", { name: "greet" }).waitFor();
  seen.source = await page.getByRole("region", { name: "Source of greet" }).textContent();
  await look(page, "flow");
  await page.keyboard.press("r");
  const dialog = page.getByRole("dialog");
  await page.waitForFunction(() => document.activeElement?.id === "input-name");
  await dialog.getByLabel("Name").fill("Ada");
  await dialog.getByLabel("count").fill("99");
  await look(page, "execute");
  await page.keyboard.press("Control+Enter");
  const mistake = page.locator("#field-count .field-error");
  await mistake.waitFor();
  seen.mistake = await mistake.textContent();
  await dialog.getByLabel("count").fill("3");
  await page.keyboard.press("Control+Enter");
  await state(page).and(page.locator("[data-state=RUNNING], [data-state=CREATED]")).waitFor();
  seen.began = await state(page).getAttribute("data-state");
  await look(page, "running");
  await state(page).and(page.locator("[data-state=SUCCESS]")).waitFor();
  seen.ended = await state(page).getAttribute("data-state");
  seen.address = page.url();
  await look(page, "timeline");
  await page.keyboard.press("2");
  await page.getByText("Hello Ada").waitFor();
  seen.log = await page.locator(".log-line .log-text").allTextContents();
  await look(page, "logs");
  await page.keyboard.press("3");
  await page.getByRole("button", { name: /^values/ }).first().waitFor();
  seen.outputs = await page.locator(".value-open").allTextContents();
  await look(page, "outputs");
}

/** Fills one field of every type, the first of them wrong at first. */
async function inputs(page) {
  await page.goto(`${order.base}/ui/main/flows/edit/browser.tests/inputs?execute=browser.tests/inputs`);
  const dialog = page.getByRole("dialog");
  const field = (name) => dialog.locator(`#input-${name}`);
  await field("text").fill("NOT LOWER");
  await field("whole").fill("5");
  await field("share").fill("0.25");
  await dialog.locator("#field-sure").getByRole("radio", { name: "No" }).click();
  await field("tell").click();
  await field("store").click();
  await page.getByRole("option", { name: "west" }).click();
  await dialog.getByRole("radio", { name: "slow" }).check();
  for (const region of ["eu", "uk"]) await dialog.getByRole("button", { name: region, exact: true }).click();
  await field("day").fill("2026-11-24");
  await field("moment").fill("2026-11-25T16:00:00");
  await field("clock").fill("05:30:00");
  await field("patience").fill("PT20M");
  await field("orders").setInputFiles({ name: "orders.csv", mimeType: "text/csv", buffer: Buffer.from("a,b\n1,2\n") });
  await field("mapping").fill('{"currency": "EUR"}');
  await field("checks").fill("max_age: 26h");
  await field("callback").fill("https://erp.example.com/hooks");
  await field("mail").fill("ana@example.com");
  await dialog.getByLabel("sizes, item 1").fill("1");
  await dialog.getByRole("button", { name: "Add an item" }).click();
  await dialog.getByLabel("sizes, item 2").fill("2");
  await look(page, "inputs");
  await page.keyboard.press("Control+Enter");
  await dialog.locator("#field-text .field-error").waitFor();
  seen.foot = await dialog.getByRole("alert").textContent();
  await look(page, "inputs-wrong");
  await field("text").fill("lower");
  await page.keyboard.press("Control+Enter");
  await state(page).and(page.locator("[data-state=SUCCESS]")).waitFor();
  seen.id = new URL(page.url()).pathname.split("/").at(-2);
  await page.keyboard.press("3");
  await page.getByRole("button", { name: /^orders/ }).click();
  seen.file = await page.locator(".value-text, .value-rows").textContent();
  await look(page, "file");
}

/** From the list of executions to the failing line, by keys. */
async function failing(page) {
  await page.goto(`${order.base}/ui/main/executions?filters[state][IN]=FAILED&ns=browser`);
  await page.getByRole("link", { name: "Failed" }).first().waitFor();
  await look(page, "executions");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  const panel = page.getByRole("complementary", { name: /What went wrong in/ });
  await panel.locator(".error-text").waitFor();
  seen.culprit = await panel.getByRole("heading", { level: 2 }).textContent();
  seen.error = await panel.locator(".error-text").textContent();
  await look(page, "failure");
  await panel.getByRole("link", { name: /Log line/ }).click();
  await page.locator(".log-line[data-current]").waitFor();
  seen.line = await page.locator(".log-line[data-current] .log-text").textContent();
  await page.goBack();
  await panel.waitFor();
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });
  seen.afterEscape = new URL(page.url()).searchParams.get("panel");
}

/** A list that is open takes in what begins meanwhile. */
async function news(page) {
  await page.goto(`${order.base}/ui/main/executions?filters[flowId][EQUALS]=fails&ns=browser.tests`);
  const foot = page.locator(".foot");
  const total = async () => Number(/(\d+) execution/.exec(await foot.textContent())?.[1]);
  await foot.getByText(/\d+ execution/).waitFor();
  seen.before = await total();
  await page.evaluate(() => fetch("/api/v1/main/executions/browser.tests/fails", { method: "POST" }));
  await foot.getByText(new RegExp(`^${seen.before + 1} execution`)).waitFor();
  seen.after = await total();
  await look(page, "news");
}

/** Kills an execution after the question, and resumes one that waits for an answer. */
async function tell(page) {
  await page.goto(`${order.base}/ui/main/executions/browser.tests/sleeper/${order.sleeper}`);
  await state(page).and(page.locator("[data-state=RUNNING]")).waitFor();
  await page.keyboard.press("Shift+K");
  await page.getByRole("alertdialog").waitFor();
  await look(page, "kill");
  await page.getByRole("alertdialog").getByRole("button", { name: "Kill" }).click();
  await state(page).and(page.locator("[data-state=KILLED]")).waitFor();
  seen.killed = await state(page).getAttribute("data-state");
  await page.goto(`${order.base}/ui/main/executions/browser.tests/ask/${order.ask}`);
  await state(page).and(page.locator("[data-state=PAUSED]")).waitFor();
  await page.keyboard.press("r");
  await page.getByRole("dialog").getByLabel("reason").fill("checked");
  await look(page, "resume");
  await page.getByRole("dialog").getByRole("button", { name: "Resume" }).click();
  await state(page).and(page.locator("[data-state=SUCCESS]")).waitFor();
  seen.resumed = await state(page).getAttribute("data-state");
}

/** The lists and the preferences, by keys. */
async function lists(page) {
  await page.goto(`${order.base}/ui/`);
  await page.getByRole("heading", { name: "Executions" }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("f");
  await page.getByRole("heading", { name: "Flows" }).waitFor();
  await page.getByRole("link", { name: "greet" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("greet");
  await page.waitForFunction(() => new URL(location.href).searchParams.get("q") === "greet");
  await page.getByRole("link", { name: "sleeper" }).waitFor({ state: "detached" });
  await look(page, "flows");
  seen.found = await page.locator(".row-link").allTextContents();
  await page.keyboard.press("Escape");
  await page.locator("body").click({ position: { x: 400, y: 20 } });
  await page.keyboard.press("[");
  seen.folded = await page.locator(".app[data-folded]").count();
  await page.getByRole("button", { name: "Preferences" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  seen.theme = await page.evaluate(() => document.documentElement.dataset.theme);
  await page.keyboard.press("Escape");
  await look(page, "flows-dark");
}

const JOURNEYS = { execute, inputs, failing, news, tell, lists };
const browser = await chromium.launch({ executablePath: order.chromium, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, timezoneId: "UTC" });
  page.setDefaultTimeout(PATIENCE);
  page.on("pageerror", (error) => seen.broken.push(String(error)));
  page.on("request", (request) => request.url().startsWith(order.base) || request.url().startsWith("data:") || seen.broken.push(`asked another host: ${request.url()}`));
  await JOURNEYS[order.journey](page);
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(seen));
