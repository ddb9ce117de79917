// node screenshots.mjs: the pictures of README.md, into docs/screenshots.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withTemplate } from "./support/server.mjs";
import { visit } from "./support/story.mjs";

const folder = join(import.meta.dirname, "../docs/screenshots");
const frame = { viewport: { width: 1200, height: 750 } };
const picture = (person, name) => person.page.screenshot({ path: join(folder, `${name}.png`) });

await mkdir(folder, { recursive: true });
await withTemplate(() => visit("SQLite", async (school) => {
  const officer = await school.person("书院就业专员", frame);
  await officer.goto("/manage/roster/candidates");
  await officer.page.getByRole("link", { name: /^选中可直接添加的/ }).click();
  await officer.page.locator("[data-select-row]:checked").first().waitFor();
  await picture(officer, "candidates");

  await school.command("roster", "confirm", "--class-year", "2027", "--college", "S01", "--expected");
  await officer.goto("/manage/roster");
  await picture(officer, "roster");

  const centre = await school.person("就业中心", frame);
  await centre.goto("/manage/findings?group=faults");
  await picture(centre, "findings");

  const file = join(school.folder, "专业.csv");
  const majors = "专业号,专业代码,专业名称,单位号,层次,学制\nB003080901,080901,计算机科学与技术（拔尖班）,003,本科,4\nB003080910T,080910T,数据科学与大数据技术,003,本科,4\nB009,,没有这个学院,999,本科,4\n";
  await writeFile(file, majors);
  await centre.goto("/manage/imports");
  await centre.page.getByLabel("数据", { exact: true }).selectOption("majors");
  await centre.page.getByLabel("文件", { exact: true }).setInputFiles(file);
  await centre.press("上传并预览");
  await centre.page.getByRole("button", { name: "执行导入" }).waitFor();
  await picture(centre, "import");

  await centre.goto("/manage/activation");
  await picture(centre, "progress");

  // The student's pages as two telephones side by side, as large as the other pictures.
  const sheet = await school.visitor(frame);
  const telephones = [];
  for (const address of ["/student", "/student/activation"]) {
    const student = await school.student("待激活", { viewport: { width: 420, height: 700 } });
    await student.goto(address);
    telephones.push((await student.page.screenshot()).toString("base64"));
  }
  const images = telephones.map((data) => `<img width="420" style="border:1px solid #999;border-radius:12px" src="data:image/png;base64,${data}">`);
  await sheet.page.setContent(`<body style="margin:0;height:750px;display:flex;gap:80px;justify-content:center;align-items:center;background:#eef1f5">${images.join("")}`);
  await picture(sheet, "student");
}));
