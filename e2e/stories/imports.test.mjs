// “The registrar sent a file: I look at what it would change, write it, and take it back.”
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { story } from "../support/story.mjs";

async function upload(centre, school, name, content, dataset) {
  const path = join(school.folder, name);
  await writeFile(path, content);
  await centre.goto("/manage/imports");
  await centre.page.getByLabel("数据", { exact: true }).selectOption(dataset);
  await centre.page.getByLabel("文件", { exact: true }).setInputFiles(path);
  await centre.press("上传并预览");
  await centre.page.waitForURL("**/manage/imports/*");
}

story("上传、预览、执行、再上传没有变化、撤销", async (school) => {
  const units = "单位号,单位名称,单位类别,校区\n007,建筑学院,学院,东校区\n008,没有类别的院,不知道,\n";
  const centre = await school.person("就业中心");
  await centre.goto("/manage/imports");
  await centre.checkPage("imports");
  await upload(centre, school, "院系.csv", units, "units");
  await centre.press("执行导入");
  await centre.sees("撤销导入");
  assert.equal(await centre.tile("新增"), 1);
  assert.equal(await centre.tile("拒收"), 1);
  await centre.checkPage("import-written");
  const committed = centre.page.url();

  await upload(centre, school, "院系.csv", units, "units");
  await centre.sees("没有任何变化");

  await centre.goto(committed);
  await centre.press("撤销导入");
  await centre.press("确认撤销");
  await centre.sees("已撤销");
});

story("名为 xlsx 的图片被拒收，并说明原因", async (school) => {
  const centre = await school.person("就业中心");
  await upload(centre, school, "students.xlsx", Buffer.from("\x89PNG\r\n\x1a\n not a workbook", "latin1"), "students");
  await centre.page.locator(".notice-danger").first().waitFor();
  await centre.checkPage("import-refused");
});
