/** Runs a program's main function; an error is shown in the console. @since 50 */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(error);
  }
}
