// “I plan the next class year, and close this one when it is done.”
import { story } from "../support/story.mjs";

story("就业中心新建届别、指定负责人、关闭届别", async (school) => {
  const centre = await school.person("就业中心");
  await centre.goto("/manage/class-years/new");
  await centre.checkPage("class-year-new");
  await centre.page.getByLabel("届别（毕业年份）").fill("2028");
  await centre.page.getByLabel("名单确认截止日").fill("2027-09-15");
  await centre.page.getByLabel("账户激活截止日").fill("2027-09-30");
  await centre.press("保存为筹备中");
  await centre.sees("2028 届");

  await centre.goto("/manage/class-years/2027/responsible");
  await centre.page.getByLabel("明德书院负责人").selectOption({ index: 1 });
  await centre.page.getByRole("row", { name: /明德书院/ }).getByRole("button", { name: "保存" }).click();
  await centre.page.locator("#flash .notice-success").waitFor();
  await centre.checkPage("class-year-responsible");

  await centre.goto("/manage/class-years/2027");
  await centre.press("关闭 2027 届");
  await centre.press("确认关闭");
  await centre.page.locator("#flash .notice-success").waitFor();

  const officer = await school.person("书院就业专员");
  await officer.goto("/manage/roster/candidates");
  await officer.page.locator(".notice-warning").first().waitFor();
  await officer.checkPage("candidates-closed");
});
