// “I settle what is left, each with its reason, and sign that nobody is missing.”
import assert from "node:assert/strict";
import { story } from "../support/story.mjs";

const groups = { 可能遗漏: "omissions", 可能误加: "wrong_additions", 数据问题: "faults" };

async function settlePage(head, group) {
  await head.goto(`/manage/findings?group=${group}`);
  await head.page.locator("[data-select-all]").click();
  await head.page.getByLabel("处理原因").selectOption({ index: 1 });
  await head.page.getByLabel("说明").fill("已与学生核实");
  await head.press("处理选中项");
  await head.page.locator("#flash .notice").waitFor();
}

story("院系负责人逐项处理问题，然后签署核对无遗漏", async (school) => {
  await school.command("roster", "confirm", "--class-year", "2027", "--college", "S01", "--expected");
  const head = await school.person("院系负责人");
  await head.goto("/manage/findings");
  await head.checkPage("findings");
  for (const [title, group] of Object.entries(groups)) {
    await head.goto(`/manage/findings?group=${group}`);
    for (let left = await head.tile(title); left > 0; ) {
      await settlePage(head, group);
      const now = await head.tile(title);
      assert.ok(now < left, `${title} goes down from ${left}`);
      left = now;
    }
  }
  await head.press("签署核对无遗漏");
  await head.press("确认签署");
  await head.sees("已签署");
  await head.checkPage("findings-signed");

  const centre = await school.person("就业中心");
  await centre.goto("/manage/findings/sign-offs");
  await centre.page.getByRole("row", { name: /明德书院/ }).getByText("已签署").first().waitFor();
});

story("不写原因不能处理，写过的说明不丢", async (school) => {
  const officer = await school.person("书院就业专员");
  await officer.goto("/manage/findings?group=faults");
  await officer.page.locator("[data-select-row]").first().click();
  await officer.press("处理选中项");
  await officer.page.getByRole("alert").first().waitFor();
  assert.ok(await officer.page.locator("[data-select-row]").first().isChecked());
});
