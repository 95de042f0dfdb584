export * from './backward';
export * from './config';
export * from './func';
export * from './operators';
export * from './register';
export * from './variable';
