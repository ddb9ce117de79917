// “I write a notice for those whom it concerns, see who has read it, and take it back.”
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { desk, phone, story } from "../support/story.mjs";

const title = "关于领取就业协议书的通知";
const body = "## 时间\n\n9月20日前，**本人**到学院领取。\n\n| 校区 | 地点 |\n|---|---|\n| 东校区 | 学生活动中心 |\n\n<script>alert(1)</script>";

story("就业中心写通知、预览、加附件、发布，学生和老师阅读", async (school) => {
  const centre = await school.person("就业中心");
  await centre.goto("/manage/notices/new");
  await centre.checkPage("notice-new");
  await centre.press("预览");
  await centre.sees("请填写标题");
  await centre.page.getByRole("textbox", { name: "标题" }).fill(title);
  await centre.page.getByRole("textbox", { name: "正文" }).fill(body);
  await centre.page.getByLabel("届别").selectOption("2027");
  await centre.press("预览");
  await centre.page.locator("#preview .prose strong", { hasText: "本人" }).waitFor();
  await centre.sees("<script>alert(1)</script>");
  await centre.checkPage("notice-preview");
  await centre.press("存为草稿");
  await centre.page.locator("#flash .notice-success").waitFor();

  await centre.page.getByLabel("添加附件").setInputFiles({ name: "坏.pdf", mimeType: "application/pdf", buffer: Buffer.from("<html>") });
  await centre.press("上传");
  await centre.sees("文件内容与扩展名不符");
  await centre.page.getByLabel("添加附件").setInputFiles({ name: "领取 说明.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n说明") });
  await centre.press("上传");
  await centre.page.getByRole("link", { name: "领取 说明.pdf" }).waitFor();
  await centre.checkPage("notice-draft");
  const address = new URL(centre.page.url()).pathname.replace("/manage", "");

  const student = await school.student("已在生源库");
  assert.equal((await student.goto(address)).status(), 404);
  await centre.press("发布");
  await centre.press("确认发布");
  await centre.page.getByText("已发布", { exact: true }).first().waitFor();

  await student.goto("/notices");
  await student.checkPage("notices-student");
  await student.press(title);
  await student.page.locator(".prose strong", { hasText: "本人" }).waitFor();
  await student.checkPage("notice-student");
  const file = await student.download("领取 说明.pdf");
  assert.equal(file.name, "领取 说明.pdf");
  assert.equal(await readFile(file.path, "utf8"), "%PDF-1.4\n说明");
  const officer = await school.person("书院就业专员");
  await officer.sees(title);
  await officer.press(title);
  await officer.checkPage("notice-officer");
  const visitor = await school.visitor({ viewport: phone });
  assert.equal((await visitor.goto(address)).status(), 404);
  await visitor.sees("须登录后查看");
  await visitor.checkPage("notice-missing");

  await centre.press("阅读情况");
  await centre.sees("未读");
  await centre.checkPage("notice-unread");
  await centre.page.getByRole("link", { name: /^已读/ }).click();
  assert.equal(await centre.page.locator("tbody tr").count(), 1);
  await centre.goto(`/manage${address}`);
  await centre.press("撤回");
  await centre.press("确认撤回");
  await centre.page.getByText("已撤回", { exact: true }).first().waitFor();
  assert.equal((await student.goto(address)).status(), 404);
});

story("首页有三个入口、通知、截止日期和联系方式，手机上也一样", async (school) => {
  for (const viewport of [desk, phone]) {
    const visitor = await school.visitor({ viewport });
    await visitor.goto("/");
    await visitor.sees("用人单位账号尚未开放");
    await visitor.sees("000-0000 0000");
    await visitor.sees("2027 届截止日期");
    await visitor.checkPage("front");
    await visitor.press("关于 2027 届毕业生核对信息、激活账户的通知");
    await visitor.sees("信息更正登记表.xlsx");
    await visitor.checkPage("notice-public");
    await visitor.goto("/notices");
    await visitor.checkPage("notices-public");
  }
});

story("就业中心维护联系方式", async (school) => {
  for (const viewport of [desk, phone]) {
    const centre = await school.person("就业中心", { viewport });
    await centre.goto("/manage/contacts");
    await centre.checkPage("contacts");
    await centre.press("新增");
    await centre.page.getByLabel("部门或姓名").fill("北门服务台");
    await centre.press("保存");
    await centre.sees("电话和邮箱至少填写一项");
    await centre.checkPage("contact-mistake");
    await centre.page.getByLabel("电话").fill("000-0000 0006");
    await centre.press("保存");
    await centre.page.locator("#flash .notice-success").waitFor();
    await centre.sees("北门服务台");
  }
});
