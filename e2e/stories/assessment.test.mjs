// “I see every morning how far we are, and in October what the assessment says of us.”
import assert from "node:assert/strict";
import { desk, phone, story } from "../support/story.mjs";

story("看板上的图和表一致，每个数字都能打开它的名单", async (school) => {
  const centre = await school.person("就业中心", { viewport: desk });
  await centre.goto("/manage");
  await centre.press("工作看板");
  await centre.page.locator("[data-chart=trend] canvas").waitFor();
  assert.equal(await centre.page.locator("[data-chart] canvas").count(), 3);
  await centre.checkPage("dashboard");
  await centre.page.getByText("每日数据").click();
  await centre.checkPage("dashboard-days");

  const first = centre.page.locator("section[aria-labelledby=by-kind] tbody tr").first();
  const open = Number(await first.getByRole("link").innerText());
  await first.getByRole("link").click();
  await centre.sees(`共 ${open} `);

  // A press on a bar goes where the table's number goes.
  await centre.goto("/manage/dashboard");
  const chart = centre.page.locator("section[aria-labelledby=by-kind] [data-chart] canvas");
  const { width } = await chart.boundingBox();
  await chart.click({ position: { x: width / 4, y: 30 } });
  await centre.page.waitForURL("**/manage/findings?**");
});

story("手机上的看板只有本院，没有脚本时只有表格", async (school) => {
  const officer = await school.person("书院就业专员", { viewport: phone });
  await officer.goto("/manage/dashboard");
  await officer.page.locator("[data-chart=bars] canvas").first().waitFor();
  await officer.checkPage("dashboard");
  assert.equal(await officer.page.locator("section[aria-labelledby=by-college] tbody tr").count(), 1);

  const plain = await school.person("就业中心", { javaScriptEnabled: false });
  await plain.goto("/manage/dashboard");
  assert.equal(await plain.page.locator("[data-chart]").first().isVisible(), false);
  await plain.page.locator("section[aria-labelledby=by-college] tbody a").first().click();
  await plain.sees("工作看板");
});

story("截止日过后考核数据已冻结，并与按历史重算的一致", async (school) => {
  for (const viewport of [desk, phone]) {
    const centre = await school.person("就业中心", { viewport });
    await centre.goto("/manage/assessment");
    await centre.sees("指纹");
    await centre.checkPage("assessment");
    await centre.page.getByRole("link", { name: "按历史重算核对" }).first().click();
    await centre.sees("按历史重算一致");
    await centre.checkPage("assessment-then");
    await centre.press("考核口径");
    await centre.checkPage("assessment-rule");
    await centre.leave();
  }
  const officer = await school.person("院系负责人");
  await officer.goto("/manage/assessment");
  assert.equal(await officer.page.locator("tbody tr").count(), 1);
  const { name } = await officer.download("导出excel");
  assert.match(name, /^2027届就业工作年度考核_\d{8}\.xlsx$/);
}, { settings: { QIHANG_TODAY: "2026-10-08" } });
