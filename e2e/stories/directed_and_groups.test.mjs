// “My directed student tells me the unit, I check it and fill it in; and I report who is in the employment group of my college.”
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { desk, engines, phone, story } from "../support/story.mjs";

for (const engine of engines) {
  story("定向学生提出单位，就业专员核实填写，学生看到结果", async (school) => {
    const student = await school.student("定向委培");
    await student.goto("/student/record/directed_unit");
    await student.press("提出单位");
    await student.page.waitForURL("**/student/directed-unit");
    await student.page.getByLabel("单位全称").fill("虚构县中医院");
    await student.page.getByRole("button", { name: /提交/ }).click();
    await student.sees("已提交，由本院就业专员核实");
    await student.checkPage("directed-own");

    for (const viewport of [phone, desk]) {
      const officer = await school.person("书院就业专员", { viewport });
      await officer.goto("/manage/directed");
      await officer.sees("虚构县中医院");
      await officer.checkPage("directed-list");
      await officer.page.locator("tr", { hasText: "虚构县中医院" }).getByRole("link", { name: /^核实/ }).click();
      await officer.sees("核实学生提出的单位");
      await officer.checkPage("directed-one");
      if (viewport === phone) continue;
      await officer.press("核实无误，填写");
      await officer.sees("请写明依据");
      await officer.checkPage("directed-mistake");
      await officer.page.getByLabel("依据").fill("已电话联系本人，核对协议");
      await officer.press("核实无误，填写");
      await officer.sees("已填写定向委培单位，并已告知学生");
      await officer.checkPage("directed-filled");
      await officer.goto("/manage/directed?show=filled");
      await officer.sees("院系填写，待同步");
      const file = await officer.download("导出excel");
      assert.match(file.name, /定向委培学生_\d+\.xlsx$/);
    }
    await student.goto("/student/directed-unit");
    await student.sees("由本院就业专员核实填写");
    await student.checkPage("directed-told");
  }, { engine });

  story("就业专员填写领导小组名单，两人同时修改时后者被告知，中心提醒和导出", async (school) => {
    const officer = await school.person("书院就业专员", { viewport: desk });
    await officer.goto("/manage/leadership");
    await officer.sees("还没有成员");
    await officer.checkPage("leadership-empty");
    const fill = async (person, name, role) => {
      await person.page.getByLabel("姓名").fill(name);
      await person.page.getByLabel("职务", { exact: true }).fill("院长");
      await person.page.getByLabel("组内职责").selectOption(role);
      await person.page.getByLabel("电话").fill("0000-0000000");
      await person.page.getByLabel("邮箱").fill("dean@univ.example");
      await person.press("添加");
    };
    await officer.press("添加");
    await officer.sees("请填写姓名");
    await officer.checkPage("leadership-mistakes");
    await fill(officer, "程启航", "组长");
    await officer.sees("已添加成员");

    // The head of the same college looks, the officer changes, the head is told.
    const head = await school.person("院系负责人", { viewport: phone });
    await head.goto("/manage/leadership");
    await head.sees("程启航");
    await head.checkPage("leadership-draft");
    await fill(officer, "何思齐", "联络员/秘书");
    await officer.sees("何思齐");
    await fill(head, "陆明远", "成员");
    await head.sees("您的操作没有保存");
    assert.equal(await head.page.getByLabel("姓名").inputValue(), "陆明远");
    await head.checkPage("leadership-second");
    await head.press("添加");
    await head.sees("已添加成员");

    await officer.page.reload();
    await officer.press("报送");
    await officer.sees("已报送");
    await officer.checkPage("leadership-reported");

    const folder = join(school.folder, "名单.csv");
    await writeFile(folder, "姓名,职务,组内职责,电话,邮箱\n程启航,书记,组长,0000-0000000,dean@univ.example\n沈知行,副书记,主席,1,shen@univ.example\n");
    await officer.page.getByLabel("文件").setInputFiles(folder);
    await officer.press("上传并预览");
    await officer.sees("有 1 行有误");
    await officer.checkPage("leadership-preview");
    await officer.press("先写入正确的 1 行");
    await officer.sees("已按文件写入草稿");
    await officer.press("报送");
    await officer.sees("第 2 版");
    await officer.press("第 2 版");
    await officer.sees("与第 1 版比较");
    await officer.checkPage("leadership-version");

    for (const viewport of [phone, desk]) {
      const centre = await school.person("就业中心", { viewport });
      await centre.goto("/manage/leadership");
      await centre.sees("未报送");
      await centre.checkPage("leadership-overview");
      if (viewport === phone) continue;
      const missing = await centre.tile("未报送");
      await centre.press(`提醒未报送的 ${missing} 个院`);
      await centre.sees(`已向 ${missing} 个院的教师发布通知`);
      const file = await centre.download("导出excel");
      assert.match(file.name, /就业工作领导小组\.xlsx$/);
    }
  }, { engine });
}
