// “I sent a long file, went on with something else, and was told when it was done.”
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { phone, story } from "../support/story.mjs";

const headings = "学号,姓名,性别,类型,学历,学院,书院,专业,入学年份,学制,学籍状态";

async function upload(person, school, rows) {
  const path = join(school.folder, "学生.csv");
  const lines = Array.from({ length: rows }, (_, number) => `9${String(number).padStart(9, "0")},张三,男,本科生,本科,003,S01,B003080901,2023,4,在读`);
  await writeFile(path, `${headings}\n${lines.join("\n")}\n`);
  await person.goto("/manage/imports");
  await person.page.getByLabel("数据", { exact: true }).selectOption("students");
  await person.page.getByLabel("文件", { exact: true }).setInputFiles(path);
  await person.press("上传并预览");
  await person.page.waitForURL("**/manage/imports/*");
}

story("长时间的导入：看得见进度，离开后得到提示", async (school) => {
  const centre = await school.person("就业中心");
  const narrow = await school.person("就业中心", { viewport: phone });
  await upload(centre, school, 12_000);
  await centre.page.getByRole("button", { name: "执行导入" }).waitFor({ timeout: 60_000 });
  await centre.press("执行导入");
  await centre.page.getByText("正在写入记录").first().waitFor({ timeout: 60_000 });
  assert.equal(await centre.page.getByRole("button", { name: "取消执行" }).count(), 0, "what is being written is not cancelled");
  await centre.checkPage("import-writing");

  // Whoever looks at the list sees it end by itself.
  await narrow.goto("/manage/jobs");
  await narrow.checkPage("jobs-running");
  await narrow.page.getByText("已写入").waitFor({ timeout: 90_000 });
  await narrow.press("执行导入 2");
  await narrow.sees("12000");
  await narrow.checkPage("job-done");
});

story("读取中取消；完成后在别的页面得到提示，看过即消失", async (school) => {
  const centre = await school.person("就业中心");
  await upload(centre, school, 150_000);
  await centre.sees("正在读取文件");
  await centre.checkPage("import-reading");
  await centre.press("取消");
  await centre.page.getByText("已取消", { exact: true }).first().waitFor();
  await centre.checkPage("import-cancelled");

  await upload(centre, school, 20);
  await centre.goto("/manage/class-years");
  for (let tries = 0; tries < 40 && (await centre.page.getByText("1 个任务已完成").count()) === 0; tries += 1) {
    await centre.page.waitForTimeout(250);
    await centre.page.reload();
  }
  await centre.checkPage("job-told");
  await centre.press("1 个任务已完成");
  await centre.sees("等待确认");
  await centre.goto("/manage");
  assert.equal(await centre.page.getByText("个任务已完成").count(), 0);
});

story("没有脚本时，进度页自己刷新到结果", async (school) => {
  const centre = await school.person("就业中心", { javaScriptEnabled: false });
  await upload(centre, school, 3_000);
  await centre.page.getByRole("button", { name: "执行导入" }).waitFor({ timeout: 30_000 });
});
