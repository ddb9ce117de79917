// “My place of origin is incomplete: I pick it on my phone, by search or step by step, and upload my photo.”
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { engines, phone, story } from "../support/story.mjs";

/** A picture of 600 × 800 with a face of sorts, as PNG, drawn by the browser. */
async function picture(person, path) {
  const data = await person.page.evaluate(() => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [600, 800];
    const draw = canvas.getContext("2d");
    draw.fillStyle = "#7aa6d8";
    draw.fillRect(0, 0, 600, 800);
    draw.fillStyle = "#f2c9a5";
    draw.arc(300, 320, 150, 0, 7);
    draw.fill();
    draw.fillStyle = "#2d3c55";
    draw.fillRect(120, 520, 360, 280);
    return canvas.toDataURL("image/png").split(",")[1];
  });
  await writeFile(path, Buffer.from(data, "base64"));
  return path;
}

for (const engine of engines) {
  story("学生在手机上搜索并修改生源所在地，立即生效，中心看到修改清单", async (school) => {
    const student = await school.student("本科生，已在生源库");
    await student.page.locator("a[href='/portal/profile']").first().click();
    await student.checkPage("portal-profile");
    await student.press("修改生源所在地");
    await student.checkPage("portal-origin");

    const { page } = student;
    const search = page.getByRole("searchbox");
    await search.pressSequentially("wanzhou", { delay: 30 });
    await student.sees("重庆市万州区");
    await student.checkPage("portal-origin-search");
    await search.fill("cq");
    await page.getByRole("link", { name: /^重庆市.*继续选下一级/ }).waitFor();
    await search.fill("崇文区");
    await page.getByRole("radio", { name: /北京市崇文区.*已不再使用，现为.*北京市东城区/ }).waitFor();
    await student.picture("portal-origin-old-390");
    // The keyboard is enough: from the field to the results, and to the button.
    await search.fill("yanta");
    await student.sees("陕西省西安市雁塔区");
    await search.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    assert.equal(await page.evaluate(() => document.activeElement.value), "610113");
    await student.press("保存选中的地区");
    await student.sees("已保存生源所在地，立即生效");
    await student.sees("陕西省西安市雁塔区");
    await student.sees("待同步");
    await student.checkPage("portal-profile-pending");

    const centre = await school.person("就业中心");
    await centre.goto("/manage/portal-changes");
    await centre.sees("陕西省西安市雁塔区（610113）");
    await centre.checkPage("portal-changes");
    const { name } = await centre.download("导出excel");
    assert.match(name, /^门户修改_\d{8}\.xlsx$/);
  }, { engine });
}

story("逐级选择，键盘停留在所选的一级", async (school) => {
  const student = await school.student("本科生，已在生源库");
  await student.goto("/portal/profile/origin");
  const { page } = student;
  await page.getByLabel("省（自治区、直辖市）").focus();
  await page.getByLabel("省（自治区、直辖市）").selectOption("浙江省");
  await student.sees("缺少市");
  assert.equal(await page.evaluate(() => document.activeElement.id), "province");
  await page.getByLabel("市（直辖市为区县）").selectOption("温州市");
  await student.sees("浙江省温州市");
  await page.getByLabel(/^区县/).selectOption("乐清市");
  await student.sees("浙江省温州市乐清市");
  await student.checkPage("portal-origin-steps");
  await student.press("保存：浙江省温州市乐清市");
  await student.sees("已保存生源所在地");

  await student.goto("/portal/profile/origin");
  await page.getByLabel("省（自治区、直辖市）").selectOption("北京市");
  await student.sees("直辖市还须选区县");
  await student.press("保存");
  await student.sees("还不能保存");
  await student.checkPage("portal-origin-refused");
});

story("没有脚本也能搜索、逐级选择和上传照片", async (school) => {
  const student = await school.student("本科生，已在生源库", { viewport: phone, javaScriptEnabled: false });
  const { page } = student;
  await student.goto("/portal/profile/origin");
  await page.getByRole("searchbox").fill("厦门");
  await student.press("查询");
  await page.getByRole("radio", { name: /^福建省厦门市 350200/ }).check();
  await student.press("保存选中的地区");
  await student.sees("福建省厦门市");

  await student.goto("/portal/profile/origin");
  await page.getByLabel("省（自治区、直辖市）").selectOption("湖北省");
  await student.press("更新下级地区");
  await page.getByLabel("市（直辖市为区县）").selectOption("仙桃市");
  await page.getByRole("button", { name: /^保存/ }).click();
  await student.sees("湖北省仙桃市");

  const artist = await school.visitor();
  const file = await picture(artist, join(school.folder, "photo.png"));
  await student.goto("/portal/photo");
  await page.getByLabel("照片文件").setInputFiles(file);
  await student.press("上传并保存");
  await student.sees("照片已保存");
});

story("照片按内容识别，裁剪后显示", async (school) => {
  const student = await school.student("本科生，已在生源库");
  const { page } = student;
  await student.goto("/portal/photo");
  await student.checkPage("portal-photo-none");
  const file = await picture(student, join(school.folder, "photo.png"));
  const script = join(school.folder, "photo.jpg");
  await writeFile(script, "<script>alert(1)</script>");
  await page.getByLabel("照片文件").setInputFiles(script);
  await student.press("上传并保存");
  await student.sees("文件内容不是照片");
  await student.checkPage("portal-photo-refused");
  await page.getByLabel("照片文件").setInputFiles(file);
  await page.getByLabel(/^保留上部/).check();
  await student.press("上传并保存");
  await student.sees("照片已保存");
  const shown = await page.getByRole("img", { name: "你的照片" }).evaluate((image) => [image.naturalWidth, image.naturalHeight]);
  assert.deepEqual(shown, [413, 579]);
  await student.checkPage("portal-photo");
  await student.goto("/portal/profile");
  await student.checkPage("portal-profile-photo");
});
