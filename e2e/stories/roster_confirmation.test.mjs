// “I confirm my college's graduates: one press selects them, I take out three, and add the rest.”
import assert from "node:assert/strict";
import { engines, phone, story } from "../support/story.mjs";

const onThirdPage = 2 * 25 + 3;

for (const engine of engines) {
  story("一次选中全部，在第三页取消三人，其余一次添加", async (school) => {
    const officer = await school.person("书院");
    const { page } = officer;
    await officer.goto("/manage/roster/candidates");
    const ready = await officer.tile("可直接添加");
    const before = await officer.tile("已添加");
    assert.ok(ready >= onThirdPage, `the demo has ${ready} students ready, on three pages`);
    await officer.checkPage("candidates");

    const started = Date.now();
    await officer.press(`选中可直接添加的 ${ready} 人`);
    await officer.sees(`已选 ${ready} 人`);
    await officer.press("下一页");
    await officer.press("下一页");
    const rows = page.locator("[data-select-row]");
    const takenOut = [];
    for (const index of [0, 1, 2]) {
      takenOut.push((await rows.nth(index).getAttribute("aria-label")).split(" ").at(-1));
      await rows.nth(index).click();
    }
    await officer.sees(`已选 ${ready - 3} 人`);
    await officer.press("上一页");
    await officer.sees(`已选 ${ready - 3} 人`);
    await officer.checkPage("candidates-selected");

    await officer.press("添加选中项");
    await officer.sees(`将把 ${ready - 3} 人添加到`);
    await officer.checkPage("candidates-question");
    await officer.press("确认添加");
    await officer.sees(`${ready - 3} 人`);
    const seconds = (Date.now() - started) / 1000;
    assert.ok(seconds < 60, `took ${seconds} seconds`);

    await officer.goto("/manage/roster/candidates");
    assert.equal(await officer.tile("已添加"), before + ready - 3);
    assert.equal(await officer.tile("可直接添加"), 3);
    for (const studentNo of takenOut) await officer.sees(studentNo);
    await officer.checkPage("candidates-done");
  }, { engine });
}

story("没有脚本的浏览器也能查询、选中和添加", async (school) => {
  const officer = await school.person("学院", { javaScriptEnabled: false });
  const { page } = officer;
  await officer.goto("/manage/roster/candidates");
  const ready = await officer.tile("可直接添加");
  await officer.press(`选中可直接添加的 ${ready} 人`);
  await page.locator("[name=pick]").first().uncheck();
  await officer.press("添加选中项");
  await officer.sees(`将把 ${ready - 1} 人添加到`);
  await officer.press("确认添加");
  await officer.goto("/manage/roster/candidates");
  assert.equal(await officer.tile("可直接添加"), 1);
});

story("表头的框选中查询到的全部，再点一次全部取消", async (school) => {
  const officer = await school.person("学院");
  const { page } = officer;
  await officer.goto("/manage/roster/candidates");
  const all = page.locator("[data-select-all]");
  const total = Number(await page.locator("#results").getAttribute("data-total"));
  await all.click();
  await officer.sees(`已选 ${total} 人`);
  await all.click();
  await officer.sees("已选 0 人");
  assert.ok(await page.getByRole("button", { name: "添加选中项" }).isDisabled());
});

story("在手机上按学号找一个人，看他为什么在或不在名单里", async (school) => {
  const officer = await school.person("书院", { viewport: phone });
  const { page } = officer;
  await officer.goto("/manage/roster/candidates");
  const studentNo = await page.locator("td[data-label=学号] a").first().innerText();
  await page.getByLabel("姓名或学号").fill(studentNo);
  await officer.press("查询");
  await officer.sees("共 1 人");
  await officer.checkPage("candidates");
  await page.locator("td[data-label=学号] a").first().click();
  await page.waitForURL("**/manage/explanation**");
  await officer.sees("不在名单中");
  await officer.checkPage("explanation");
});
