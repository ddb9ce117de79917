// “I write my recommendation form on my phone, the 院 reads it, and an employer checks what I hand over.”
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { desk, engines, phone, story } from "../support/story.mjs";

const contact = { 手机: "10000000001", 邮箱: "someone@mail.example", 通讯地址: "虚构省虚构市虚构路 1 号", 邮政编码: "000000", 家庭电话: "0000-0000000" };

/** A student of the officer's 院, put on the roster and activated. */
async function activated(school, options) {
  await school.command("roster", "confirm", "--class-year", "2027", "--college", "S01", "--expected");
  const student = await school.student("尚未加入", options);
  await student.goto("/student/activation");
  for (const [label, value] of Object.entries(contact)) await student.page.getByLabel(label, { exact: true }).fill(value);
  await student.page.getByLabel("已逐项核对").check();
  await student.press("激活账户");
  await student.sees("账户已激活");
  return student;
}

const state = (person, code) => person.page.locator(`[data-section=${code}] [data-state]`);

/** The PDF behind a link: its text as poppler reads it, and what zbar reads in the picture of its first page. */
async function saved(person, link) {
  const { path } = await person.download(link);
  const text = execFileSync("pdftotext", [path, "-"], { encoding: "utf8" });
  const picture = execFileSync("pdftoppm", ["-png", "-r", "150", "-l", "1", path], { maxBuffer: 1 << 26 });
  const read = spawnSync("zbarimg", ["--quiet", "--raw", "-"], { input: picture, encoding: "utf8" });
  return { text: text.replace(/\s+/g, ""), code: read.stdout.trim() };
}

for (const engine of engines) {
  story("学生在手机上填写，院系退回再通过，用人单位核验", async (school) => {
    const student = await activated(school, { viewport: phone });
    await student.goto("/student");
    await student.sees("填写推荐表");
    await student.checkPage("recommendation-home");
    await student.press("去填写推荐表");
    await student.checkPage("recommendation-empty");

    // Saved as it is typed, and it says so only then; a lost connection loses nothing.
    const awards = student.page.getByLabel("奖惩情况");
    await awards.pressSequentially("2025年一等奖学金");
    await state(student, "awards").getByText("尚未保存").waitFor();
    await state(student, "awards").getByText(/^已保存 \d\d:\d\d:\d\d$/).waitFor();
    assert.equal(await student.page.locator("[data-section=awards] [data-count]").innerText(), "8");
    await student.page.context().setOffline(true);
    await student.page.getByLabel("特长").fill("长跑");
    await state(student, "strengths").getByText("没有保存：网络不通").waitFor();
    await student.picture("recommendation-offline-390");
    student.complaints.length = 0;
    await student.page.context().setOffline(false);
    await state(student, "strengths").getByText(/^已保存/).waitFor({ timeout: 20_000 });
    student.complaints.length = 0;

    // Counted as the server counts.
    const text = "中文 CET-6，ｱｲ\n\n\n\n𬭎“引号”  \n";
    await student.page.getByLabel("担任职务").fill(text);
    await state(student, "duties").getByText(/^已保存/).waitFor();
    const counted = await student.page.locator("[data-section=duties] [data-count]").innerText();
    await student.goto("/student/recommendation");
    assert.equal(await student.page.locator("[data-section=duties] [data-count]").innerText(), counted);
    await student.page.getByLabel("担任职务").fill("班长");
    await state(student, "duties").getByText(/^已保存/).waitFor();

    // A telephone offers emoji before letters: which one cannot be printed is said at once.
    await student.page.getByLabel("特长").fill("长跑🏃");
    await student.sees("“🏃”无法打印");
    await student.page.getByLabel("特长").fill("长跑");
    await student.page.getByText("“🏃”无法打印").waitFor({ state: "detached" });

    // Two windows: both texts are shown, and the student decides.
    const other = await student.page.context().newPage();
    await other.goto("/student/recommendation");
    await other.getByLabel("求职意向").fill("西安，装备制造");
    await other.locator("[data-section=intention] [data-state]").getByText(/^已保存/).waitFor();
    await other.close();
    await student.page.getByLabel("求职意向").fill("北京，互联网");
    await student.sees("另一窗口保存的内容");
    await student.sees("西安，装备制造");
    await student.checkPage("recommendation-two-windows");
    await student.press("用另一窗口的内容");
    assert.equal(await student.page.getByLabel("求职意向").inputValue(), "西安，装备制造");
    student.complaints.length = 0;

    // Refused, with the focus on what stands in the way; then submitted.
    await student.press("提交审核");
    await student.sees("还不能提交：有 1 项需要修改");
    await student.checkPage("recommendation-refused");
    await student.page.getByLabel("学习成绩/专业排名").fill("专业排名 12/98");
    await student.page.getByLabel("自我评价").fill("踏实肯干。");
    await state(student, "appraisal").getByText(/^已保存/).waitFor();
    await student.press("预览");
    await student.sees("踏实肯干。");
    await student.checkPage("recommendation-preview");
    const draft = await saved(student, "下载草稿（PDF）");
    assert.match(draft.text, /草稿，未经审核/);
    assert.match(draft.text, /踏实肯干。/);
    await student.press("返回");
    await student.press("提交审核");
    await student.sees("推荐表已提交，等待院系审核");
    await student.checkPage("recommendation-submitted");
    await student.press("撤回");
    await student.sees("推荐表已撤回");
    await student.press("提交审核");
    await student.sees("推荐表已提交");

    const officer = await school.person("书院就业专员（明德书院）", { viewport: desk });
    await officer.goto("/manage/recommendations");
    await officer.sees("缺照片");
    await officer.checkPage("recommendation-queue");
    await officer.page.getByRole("link", { name: /审核.*的推荐表/ }).click();
    await officer.sees("踏实肯干。");
    await officer.checkPage("recommendation-review");
    await officer.page.getByLabel("奖惩情况的退回原因").fill("请写明授予单位。");
    await officer.press("退回修改");
    await officer.sees("已退回，学生会收到消息");
    await officer.goto("/manage/recommendations?state=returned");
    await officer.press("提醒提交");
    await officer.sees("请填写并提交就业推荐表");
    await officer.picture("recommendation-reminding-1440");
    await officer.press("发送提醒");
    await officer.sees("已提醒 1 人填写并提交推荐表，其中 1 人同时发送邮件");
    await student.goto("/student/messages");
    await student.sees("请填写并提交就业推荐表");

    await student.goto("/student");
    await student.sees("推荐表被退回");
    await student.press("去修改推荐表");
    await student.sees("请写明授予单位。");
    await student.checkPage("recommendation-returned");
    assert.equal(await student.page.locator("textarea").count(), 1);
    await awards.fill("2025年虚构大学一等奖学金");
    await state(student, "awards").getByText(/^已保存/).waitFor();
    await student.press("提交审核");
    await student.sees("推荐表已提交");

    await officer.goto("/manage/recommendations");
    await officer.page.getByRole("link", { name: /审核.*的推荐表/ }).click();
    await officer.sees("有修改");
    await officer.page.locator("ins.becomes").getByText("虚构大学").waitFor();
    await officer.checkPage("recommendation-second-review");
    await officer.page.keyboard.press("Alt+A");
    await officer.sees(/已通过，编号 2027-S01-00001/);
    await officer.goto("/manage/recommendations/statistics");
    await officer.checkPage("recommendation-statistics");
    await officer.goto("/manage/recommendations/templates");
    await officer.checkPage("recommendation-templates");

    await student.goto("/student/recommendation");
    await student.sees("2027-S01-00001");
    await student.checkPage("recommendation-approved");
    const code = (await student.page.locator("dt", { hasText: "核验码" }).locator("xpath=../dd").innerText()).trim();

    // The paper says what was approved, and its QR code leads to the check.
    const paper = await saved(student, "下载推荐表（PDF）");
    for (const words of ["2027-S01-00001", code, "踏实肯干。", "2025年虚构大学一等奖学金", "学校意见"]) assert.ok(paper.text.includes(words), words);
    assert.doesNotMatch(paper.text, /草稿/);
    assert.equal(paper.code, `${school.url}/verify?no=2027-S01-00001&code=${code.replaceAll("-", "")}`);
    assert.equal(draft.code, "");

    const employer = await school.visitor({ viewport: phone });
    await employer.goto("/verify");
    await employer.checkPage("recommendation-verify");
    await employer.page.getByLabel("编号").fill("2027-s01-00001");
    await employer.page.getByLabel("核验码").fill(code.toLowerCase());
    await employer.press("核验");
    await employer.sees("真实，现行有效");
    await employer.checkPage("recommendation-genuine");
    await employer.page.getByLabel("核验码").fill("ABCD-EFGH-JKMN-PQRS");
    await employer.press("核验");
    await employer.sees("没有查到");
    await employer.checkPage("recommendation-unknown");
    await student.goto("/student/recommendation");
    await student.sees("1 次");
  }, { engine });
}

story("没有脚本也能填写、保存和提交", async (school) => {
  const student = await activated(school, { viewport: phone, javaScriptEnabled: false });
  await student.goto("/student/recommendation");
  await student.page.getByLabel("求职意向").fill("西安");
  await student.press("保存");
  await student.sees("已保存。");
  assert.equal(await student.page.getByLabel("求职意向").inputValue(), "西安");
  await student.press("提交审核");
  await student.sees("还不能提交");
  await student.page.getByLabel("自我评价").fill("踏实肯干。");
  await student.press("提交审核");
  await student.sees("推荐表已提交");
});

story("院系按键翻阅、批量通过没有提示的推荐表", async (school) => {
  for (const viewport of [desk, phone]) {
    const officer = await school.person("致远书院", { viewport });
    await officer.goto("/manage/recommendations");
    await officer.checkPage("recommendation-demo-queue");
    await officer.page.getByRole("link", { name: /审核.*的推荐表/ }).first().click();
    await officer.page.waitForURL(/recommendations\/\d+/);
    const first = officer.page.url();
    await officer.page.keyboard.press("j");
    await officer.page.waitForURL((url) => url.href !== first);
    await officer.page.keyboard.press("k");
    await officer.page.waitForURL(first);
    await officer.checkPage("recommendation-demo-review");
  }
  const officer = await school.person("致远书院", { viewport: desk });
  await officer.goto("/manage/recommendations");
  const waiting = await officer.tile("待审核");
  await officer.page.locator("[data-select-row]").first().check();
  await officer.press("批量通过");
  await officer.picture("recommendation-batch-1440");
  await officer.press("确认通过");
  await officer.sees("已通过 1 份推荐表");
  assert.equal(await officer.tile("待审核"), waiting - 1);
  await officer.goto("/manage/recommendations?state=approved");
  await officer.checkPage("recommendation-approved-list");
  await officer.press(/^打印 \d+ 份/);
  await officer.sees("份，文件已生成，请下载");
  await officer.checkPage("recommendation-printed");
  const papers = await saved(officer, "下载");
  assert.match(papers.text, /2027-S02-00001/);
  const centre = await school.person("就业中心", { viewport: desk });
  await centre.goto("/manage/class-years/2027/recommendation");
  await centre.checkPage("recommendation-sections");
});
